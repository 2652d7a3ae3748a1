import assert from 'node:assert/strict';
import test from 'node:test';
import { openLoop } from './openLoop.mjs';

test('a request does not wait for the one before, and a stall counts for all it delays', async () => {
  let release;
  const stall = new Promise(resolve => {
    release = resolve;
  });
  let sent = 0;
  const result = await openLoop({
    perSecond: 200,
    durationMs: 200,
    arrival: 'fixed',
    send: async () => {
      sent += 1;
      // Only once all are under way does the first of them get its answer.
      if (sent === 40) release();
      await stall;
    },
  });
  assert.equal(result.requests, 40);
  assert.equal(result.failed, 0);
  // The first was due 195 ms before the last.
  assert.ok(result.latencyMs.max >= 190, `max is ${result.latencyMs.max}`);
  assert.ok(result.latencyMs.p50 >= 90, `p50 is ${result.latencyMs.p50}`);
});

test('a failed request is counted, tells why, and has no latency', async () => {
  const result = await openLoop({
    perSecond: 500,
    durationMs: 20,
    arrival: 'fixed',
    send: async index => {
      if (index % 2 === 1) throw new Error(`no ${index}`);
    },
  });
  assert.deepEqual(
    [result.requests, result.failed, result.why],
    [10, 5, 'no 1'],
  );
});
