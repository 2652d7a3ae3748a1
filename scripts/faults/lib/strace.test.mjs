import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readCalls } from './strace.mjs';

function read(...lines) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-strace-'));
  const output = path.join(dir, 'trace');
  fs.writeFileSync(output, `${lines.join('\n')}\n`);
  try {
    return readCalls(output);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}

test('calls are counted in each thread apart', () => {
  const calls = read(
    '7 write(3</a>, ""..., 5) = 5',
    '8 write(3</b>, ""..., 5) = 5',
    '7 write(3</c>, ""..., 5) = 5',
  );
  assert.deepEqual(
    calls.map(({ thread, ordinal, target }) => [thread, ordinal, target]),
    [
      [7, 1, '/a'],
      [8, 1, '/b'],
      [7, 2, '/c'],
    ],
  );
});

test('a call that fails while another thread makes one is still the one that failed', () => {
  const [failed, other] = read(
    '7 fsync(3</a> <unfinished ...>',
    '8 write(4</b>, ""..., 5) = 5',
    '7 <... fsync resumed>) = -1 EIO (Input/output error) (INJECTED)',
  );
  assert.equal(failed.isInjected, true);
  assert.equal(failed.isUnfinished, false);
  assert.equal(other.isInjected, false);
});

test('a call that goes on later has not been cut off by a death', () => {
  const [call] = read(
    '7 fsync(3</a> <unfinished ...>',
    '7 <... fsync resumed>) = 0',
  );
  assert.equal(call.isUnfinished, false);
});

test('a call in which the process dies never ends', () => {
  const [first, second, third] = read(
    '7 fsync(3</a> <unfinished ...>',
    '8 fsync(3</a>) = ?',
    '9 fsync(3</a> <unfinished ...>',
    '9 <... fsync resumed>) = ?',
    '7 +++ killed by SIGKILL +++',
  );
  assert.equal(first.isUnfinished, true);
  assert.equal(second.isUnfinished, true);
  assert.equal(third.isUnfinished, true);
});
