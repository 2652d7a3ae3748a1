// A taste of `delivery`, quick enough for every change; `npm run faults --
// delivery` runs it in full.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { checkDurableOrder } from './oracle/durableOrder.mjs';
import { createRig } from './delivery/rig.mjs';
import { strike, traceDelivery } from './delivery/strike.mjs';
import { requireStrace } from './lib/capabilities.mjs';
import { parsePoint } from './lib/points.mjs';

/** Numbers far below those of a whole workload, so that each is reached. */
const KILLS = [
  'worker:fsync:3',
  'worker:link:1',
  'worker:unlink:2',
  'worker:write:9',
  'ledger:pwrite64:2',
  'ledger:fdatasync:4',
  'worker@start:fsync:2',
];
/** A slow machine comes to them late, and each of them is to be met. */
const HIT_LIMIT_MS = 60_000;
const ERRORS = ['worker:fsync:4:EIO', 'worker:link:2:ENOSPC'];

/** @type {Awaited<ReturnType<typeof createRig>>} */
let rig;
before(async () => {
  await requireStrace(process.env);
  rig = await createRig({
    node: process.execPath,
    env: process.env,
    seed: '1',
    name: 'quick',
    workerThreads: 1,
  });
});
after(() => rig?.close());

test('what is staged and sealed is flushed before it counts', async () => {
  const { calls } = await traceDelivery(rig, {
    victim: 'worker',
    phase: 'main',
  });
  const { staged, placed, problems } = checkDurableOrder(calls, rig.lab);
  assert.deepEqual(problems, []);
  assert.ok(staged > 0, 'files were staged');
  assert.ok(placed > 0, 'files were placed in the lake');
});

for (const point of [...KILLS, ...ERRORS]) {
  const fault = ERRORS.includes(point) ? 'a call fails' : 'it is killed';
  test(`the worker delivers again after ${fault} at ${point}`, async () => {
    rig.load.setLabel(point.replaceAll(/\W/g, '-'));
    const result = await strike(rig, parsePoint(point), {
      hitLimitMs: HIT_LIMIT_MS,
    });
    assert.ok(result.wasHit, 'the fault happened');
    assert.ok(result.place, 'at a place that somebody else sees');
    if (KILLS.includes(point)) assert.ok(result.hasDied, 'it died of it');
  });
}

test('after all of it every event is sealed once and the books close', async () => {
  // Something that nothing has disturbed.
  await pause(rig.bucketMs);
  const { problems, figures } = await rig.judge();
  assert.deepEqual(problems, []);
  assert.ok(figures.delivered > 0, 'events were delivered');
  assert.ok(figures.refused > 0, 'events were refused');
  assert.ok(figures.removedDuplicates > 0, 'duplicates were removed');
  assert.ok(figures.sealedFiles > 0, 'sealed files were looked at twice');
});
