import assert from 'node:assert/strict';
import test from 'node:test';
import { conclude } from './report.mjs';

function concluding(t, result) {
  const printed = [];
  t.mock.method(process.stdout, 'write', text => printed.push(text));
  t.mock.method(process.stderr, 'write', () => true);
  const code = conclude({ name: 'x', failures: [], ...result });
  t.mock.restoreAll();
  return { code, line: JSON.parse(printed.at(-1)) };
}

const bars = { killPoints: 300, lost: 0 };

test('a campaign passes when every bar is reached', t => {
  const { code, line } = concluding(t, {
    bars,
    figures: { killPoints: 300, lost: 0 },
  });
  assert.equal(code, 0);
  assert.equal(line.pass, true);
});

for (const [name, figures, failures] of [
  ['too few kill points', { killPoints: 299, lost: 0 }, []],
  ['one event that was lost', { killPoints: 300, lost: 1 }, []],
  ['a figure that is not there', { killPoints: 300 }, []],
  ['any other failure', { killPoints: 300, lost: 0 }, ['it broke']],
]) {
  test(`a campaign fails for ${name}`, t => {
    const { code, line } = concluding(t, { bars, figures, failures });
    assert.equal(code, 1);
    assert.equal(line.pass, false);
  });
}
