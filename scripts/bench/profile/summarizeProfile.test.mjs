import assert from 'node:assert/strict';
import test from 'node:test';
import { describeProfile } from './table.mjs';
import { summarizeProfile } from './summarizeProfile.mjs';

const frame = (
  id,
  functionName,
  url,
  { scriptId = '1', lineNumber = 9 } = {},
) => ({
  id,
  callFrame: { functionName, url, scriptId, lineNumber },
});

const NODES = [
  frame(1, '(idle)', '', { scriptId: '0' }),
  frame(2, '(garbage collector)', '', { scriptId: '0' }),
  frame(3, 'judgeEvent', '/clone/packages/gateway/src/intake/judgeEvent.ts'),
  frame(4, 'judgeEvent', '/clone/packages/gateway/src/intake/judgeEvent.ts'),
  frame(5, 'send', 'file:///clone/node_modules/@grpc/grpc-js/build/client.js'),
  frame(6, 'parse', '', { scriptId: '0' }),
  frame(7, 'validate10', '', { scriptId: '77' }),
  frame(8, 'end', 'node:_http_outgoing'),
];
/** One sample every 1,000 µs from 10,000 on; the last has no length. */
const profile = samples => ({
  nodes: NODES,
  startTime: 9_000,
  samples,
  timeDeltas: samples.map(() => 1_000),
});
const ALWAYS = { fromUs: 0, toUs: 1e12 };

test('self time is summed by function and by package, the idle time apart', () => {
  const { busyUs, idleUs, packages, functions } = summarizeProfile(
    profile([3, 4, 5, 1, 1, 2, 7, 6, 8, 3, 1]),
    ALWAYS,
    '/clone',
  );
  assert.equal(busyUs, 8_000);
  assert.equal(idleUs, 2_000);
  assert.deepEqual(packages, [
    { name: 'packages/gateway', selfUs: 3_000 },
    { name: '@grpc/grpc-js', selfUs: 1_000 },
    { name: 'garbage collector', selfUs: 1_000 },
    { name: 'generated code', selfUs: 1_000 },
    { name: 'built-in functions', selfUs: 1_000 },
    { name: 'Node', selfUs: 1_000 },
  ]);
  assert.deepEqual(functions[0], {
    name: 'judgeEvent',
    package: 'packages/gateway',
    place: 'src/intake/judgeEvent.ts:10',
    selfUs: 3_000,
  });
  assert.equal(functions[1].place, 'build/client.js:10');
});

test('only what lies in the window counts, cut at its edges', () => {
  const { busyUs, packages } = summarizeProfile(
    profile([3, 3, 5, 5, 8, 1]),
    { fromUs: 11_500, toUs: 13_500 },
    '/clone',
  );
  assert.equal(busyUs, 2_000);
  assert.deepEqual(packages, [
    { name: '@grpc/grpc-js', selfUs: 1_500 },
    { name: 'packages/gateway', selfUs: 500 },
  ]);
});

test('a second thread gets tables of its own', () => {
  const thread = summarizeProfile(profile([3, 5, 1, 1, 1]), ALWAYS, '/clone');
  const text = describeProfile('gateway', [thread, thread]);
  assert.match(text, /\*\*gateway\*\*: .* busy 50 %/);
  assert.match(text, /\*\*gateway, thread 2\*\*/);
  assert.match(text, /\| `judgeEvent` +\| packages\/gateway +\|.*50\.0 %/);
});

test('a function may have the name of what every object has', () => {
  const nodes = [frame(1, 'toString', 'node:buffer')];
  const { packages } = summarizeProfile(
    { ...profile([1, 1]), nodes },
    ALWAYS,
    '/clone',
  );
  assert.deepEqual(packages, [{ name: 'Node', selfUs: 1_000 }]);
});

test('a function whose name holds marks of a table stays one cell', () => {
  const nodes = [frame(1, 'RegExp: a|`b`', '', { scriptId: '0' })];
  const thread = summarizeProfile(
    { ...profile([1, 1]), nodes },
    ALWAYS,
    '/clone',
  );
  assert.match(describeProfile('gateway', [thread]), /`RegExp: a\\\|'b'`/);
});
