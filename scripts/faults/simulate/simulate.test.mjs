// A taste of `simulate`; `npm run faults -- simulate` runs 10,000 seeds.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

const execute = promisify(execFile);
const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const planted = name =>
  fileURLToPath(new URL(`../planted/delivery/${name}.cjs`, import.meta.url));

/** @returns {Promise<object>} the figures; rejects when something is violated */
async function run(args, preload = []) {
  const { stdout } = await execute(
    process.execPath,
    [...preload.flatMap(file => ['--require', file]), MAIN, ...args],
    { maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

test('no invariant of delivery is violated in any of the seeds', async () => {
  const figures = await run(['--seeds', '400']);
  assert.equal(figures.seeds, 400);
  assert.ok(figures.delivered > 1_000, 'events were delivered');
  assert.ok(figures.partitions > 1_000, 'partitions were sealed');
});

test('the model of the ledger answers as Postgres does', async () => {
  const figures = await run(['--model', '--seeds', '25']);
  assert.equal(figures.histories, 25);
});

test('the simulator sees a rule of closing that does not wait', async () => {
  await assert.rejects(
    run(['--seeds', '400'], [planted('missing-batches-do-not-matter')]),
    ({ stdout }) => /violated: a bucket of .* was closed/.test(stdout),
  );
});

test('the same seed is the same history', async () => {
  const runs = await Promise.all([1, 2].map(() => run(['--seed', '3'])));
  const [one, other] = runs.map(({ seconds: _, ...figures }) => figures);
  assert.deepEqual(one, other);
});
