import assert from 'node:assert/strict';
import test from 'node:test';
import { parseBenchArgs } from './options.mjs';

const refused = {
  '': /not a benchmark/,
  ingset: /'ingset' is not a benchmark/,
  'ingest broker': /'ingest broker'/,
  'ingest --secnods 3': /--secnods/,
  'ingest --seconds': /--seconds/,
  'ingest --seconds soon': /--seconds is 'soon'/,
  'ingest --runs 0': /--runs is '0'/,
  'end-to-end --rate 1': /--rate is '1'/,
  'ingest --rate 1000': /--rate/,
  'ingest --types 1000': /--types means nothing/,
  'registry --types 9000': /--types is '9000'/,
  toString: /not a benchmark/,
};

for (const [line, what] of Object.entries(refused)) {
  test(`'npm run bench -- ${line}' is refused with what to do`, () => {
    assert.throws(
      () => parseBenchArgs(line.split(' ').filter(Boolean)),
      error => {
        assert.equal(error.name, 'SetupError');
        assert.match(error.message, what);
        assert.match(error.todo, /\w/);
        return true;
      },
    );
  });
}

test('a benchmark runs five times ten seconds and writes its report, unless told otherwise', () => {
  assert.deepEqual(parseBenchArgs(['ingest']), {
    help: false,
    name: 'ingest',
    seconds: 10,
    runs: 5,
    rate: undefined,
    profile: false,
    report: true,
    dataDir: undefined,
  });
  const endToEnd = parseBenchArgs(['end-to-end']);
  assert.deepEqual([endToEnd.seconds, endToEnd.runs], [60, 1]);
  assert.equal(parseBenchArgs(['end-to-end', '--rate=9000']).rate, 9_000);
  assert.deepEqual(
    [parseBenchArgs(['registry']).types, parseBenchArgs(['registry']).runs],
    [2_000, 1],
  );
  const line = 'isolation --seconds 2.5 --runs 1 --profile --no-report';
  assert.deepEqual(parseBenchArgs([...line.split(' '), '--data-dir=/x']), {
    help: false,
    name: 'isolation',
    seconds: 2.5,
    runs: 1,
    rate: undefined,
    profile: true,
    report: false,
    dataDir: '/x',
  });
});
