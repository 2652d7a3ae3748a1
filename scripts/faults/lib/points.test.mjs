import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {
  boundariesOf,
  nameOf,
  parsePoint,
  placeOf,
  spread,
} from './points.mjs';
import { createRandom } from './random.mjs';
import { readCalls } from './strace.mjs';

const lab = { dirs: ['/lab'], ports: { broker: 8001, gateway: 8002 } };

for (const text of [
  'gateway:write:17',
  'broker@start:fsync:2',
  'sdk.pool:fdatasync:5:EIO',
]) {
  test(`the point ${text} is read as it is written`, () => {
    assert.equal(nameOf(parsePoint(text)), text);
  });
}

for (const text of ['gateway', 'portal:write:1', 'sdk:write:0', 'a:b:c']) {
  test(`'${text}' is no point`, () => {
    assert.throws(() => parsePoint(text), /names no point/);
  });
}

const places = {
  '/lab/broker/store/data.mdb': 'broker/store/data.mdb',
  '/lab/sdk/segment-00012.log': 'sdk/segment-#.log',
  '/lab/logs/gateway.log': undefined,
  '/elsewhere/file': undefined,
  'TCP:[127.0.0.1:50000->127.0.0.1:8001]': 'to broker',
  'TCP:[127.0.0.1:8002->127.0.0.1:50000]': 'reply of gateway',
  'anon_inode:[eventfd]': undefined,
  'UNIX-STREAM:[1->2]': undefined,
};
for (const [target, place] of Object.entries(places)) {
  test(`${target} is ${place ?? 'nobody else\u2019s business'}`, () => {
    assert.equal(placeOf(target, lab), place);
  });
}

test('calls are counted for each thread apart, and boundaries are the first to get there', t => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'points-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const output = path.join(dir, 'trace');
  fs.writeFileSync(
    output,
    [
      '10 write(3<anon_inode:[eventfd]>, ""..., 8) = 8',
      '11 fdatasync(5</lab/broker/store/data.mdb> <unfinished ...>',
      '10 write(7<TCP:[127.0.0.1:8002->127.0.0.1:50000]>, ""..., 20) = 20',
      '11 <... fdatasync resumed>) = 0',
      '11 write(5</lab/broker/reserve>, ""..., 4096) = 4096',
      '10 rename("/lab/gateway/a.tmp", "/lab/gateway/a") = ?',
      '12 +++ killed by SIGKILL +++',
    ].join('\n'),
  );
  const calls = readCalls(output);
  assert.deepEqual(
    calls.map(({ call, ordinal }) => `${call}:${ordinal}`),
    ['write:1', 'fdatasync:1', 'write:2', 'write:1', 'rename:1'],
  );
  assert.equal(calls.at(-1).isUnfinished, true);
  assert.deepEqual(boundariesOf(calls, lab), [
    { call: 'fdatasync', ordinal: 1, place: 'broker/store/data.mdb' },
    { call: 'write', ordinal: 2, place: 'reply of gateway' },
    { call: 'rename', ordinal: 1, place: 'gateway/a' },
  ]);
});

test('rare kinds come before frequent ones fill the rest, the same way for the same seed', () => {
  const boundaries = [
    ...Array.from({ length: 50 }, (_, n) => ({
      call: 'write',
      place: 'socket',
      ordinal: n,
    })),
    { call: 'fsync', place: 'file', ordinal: 1 },
  ];
  const first = spread(boundaries, createRandom('a'));
  assert.ok(first.slice(0, 2).some(({ call }) => call === 'fsync'));
  assert.equal(first.length, boundaries.length);
  assert.deepEqual(spread(boundaries, createRandom('a')), first);
  assert.notDeepEqual(spread(boundaries, createRandom('b')), first);
});
