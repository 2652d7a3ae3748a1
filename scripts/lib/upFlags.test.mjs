import assert from 'node:assert/strict';
import test from 'node:test';
import { checkUpFlags } from './upFlags.mjs';

const refused = {
  '--prot 8000': /--prot/,
  '--port': /--port/,
  '--port abc': /--port is 'abc'/,
  '--port 80': /--port is '80'/,
  '--port 65533': /--port is '65533'/,
  '--bucket PT7M': /--bucket is 'PT7M'/,
  '--bucket soon': /--bucket is 'soon'/,
  '--smoke --no-demo': /--no-demo/,
  8000: /8000/,
};

for (const [line, what] of Object.entries(refused)) {
  test(`'npm start -- ${line}' is refused with what to do`, () => {
    assert.throws(
      () => checkUpFlags(line.split(' '), {}),
      error => {
        assert.equal(error.name, 'SetupError');
        assert.match(error.message, what);
        assert.match(error.message, /^[^\n]+\.$/);
        assert.match(error.todo, /\w/);
        return true;
      },
    );
  });
}

for (const line of [
  '',
  '--port 8000 --data-dir /tmp/x --bucket PT1H',
  '--port=8000 --bucket=PT10S --no-demo --reset',
  '--config mine.yaml --config=local.yaml',
  '--smoke',
]) {
  test(`'npm start -- ${line}' is let through`, () => {
    const args = line.split(' ').filter(Boolean);
    assert.deepEqual(checkUpFlags(args, {}), { help: false });
  });
}

test('help is given whatever else is asked', () => {
  assert.deepEqual(checkUpFlags(['--port', 'abc', '--help'], {}), {
    help: true,
  });
});

test('flags that npm kept to itself are noticed', () => {
  const npm = { npm_lifecycle_event: 'start' };
  assert.throws(
    () => checkUpFlags([], { ...npm, npm_config_smoke: 'true' }),
    /npm took --smoke/,
  );
  assert.throws(
    () => checkUpFlags(['8000'], { ...npm, npm_config_port: '8000' }),
    /npm took --port/,
  );
  assert.deepEqual(checkUpFlags([], { ...npm, npm_config_registry: 'x' }), {
    help: false,
  });
});
