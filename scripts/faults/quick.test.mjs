// A taste of the campaigns, quick enough for every change; `npm run faults` runs
// them in full.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { findGhosts, judge } from './oracle/judge.mjs';
import { requireStrace } from './lib/capabilities.mjs';
import { runCycle } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { parsePoint } from './lib/points.mjs';
import { runOneOutage } from './outage.mjs';

const context = { node: process.execPath, env: process.env };

/** Numbers far below those of a whole workload, so that each is reached. */
const KILLS = [
  'broker.pool:fdatasync:3',
  'broker.pool:pwrite64:5',
  'broker.pool:writev:4',
  'broker:writev:5',
  'gateway:writev:4',
  'gateway:write:3',
  'gateway:write:6',
  'gateway@start:rename:1',
  'sdk.pool:pwrite64:3',
  'sdk.pool:fdatasync:4',
  'sdk:writev:2',
  'sdk:writev:5',
];
const ERRORS = ['broker.pool:fdatasync:4:EIO', 'sdk.pool:pwrite64:3:ENOSPC'];

/** @type {Awaited<ReturnType<typeof createLab>>} */
let lab;
before(async () => {
  await requireStrace(process.env);
  lab = await createLab(context);
});
after(() => lab?.close());

for (const point of [...KILLS, ...ERRORS]) {
  const fault = ERRORS.includes(point) ? 'a call that fails' : 'kill -9';
  test(`nothing is lost or doubled after ${fault} at ${point}`, async () => {
    const cycle = point.replaceAll(/\W/g, '-');
    const result = await runCycle(lab, parsePoint(point), { cycle });
    assert.deepEqual(result.problems, []);
    assert.ok(result.wasHit, 'the fault happened');
    assert.ok(result.place, 'at a place that somebody else sees');
    if (KILLS.includes(point)) assert.ok(result.hasDied, 'it died of it');
    assert.ok(result.counts.accepted > 0, 'events were accepted');
    assert.ok(result.counts.refused > 0, 'events were refused');
  });
}

test('nothing else arrives later', () => {
  const journal = [...lab.journal.entries.values()];
  assert.ok(journal.length > 0);
  assert.deepEqual(judge(journal, lab.drain.copies).problems, []);
  const ids = new Set(lab.journal.entries.keys());
  assert.deepEqual(findGhosts(ids, lab.drain.copies), []);
});

test('nothing is lost while the broker is away, and all catches up by itself', async () => {
  const { problems, counts } = await runOneOutage('broker killed', {
    ...context,
    seconds: 3,
    settled: 1,
    clients: 2,
  });
  assert.deepEqual(problems, []);
  assert.equal(counts.lost, 0);
  assert.ok(counts.accepted > 0, 'events were accepted');
});
