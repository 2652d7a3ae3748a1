import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { createSealWatch } from './seals.mjs';

async function watchedPartition(t) {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'oracle-seals-'));
  t.after(() => fs.rm(root, { recursive: true, force: true }));
  const dir = path.join(root, 'shop.order/dt=2026-01-01/hh=00/r0001');
  await fs.mkdir(dir, { recursive: true });
  const write = (name, text) => fs.writeFile(path.join(dir, name), text);
  await write('part.parquet', 'rows');
  await write('events.ids', 'ids');
  await write(
    'manifest.json',
    JSON.stringify({
      files: [{ name: 'part.parquet' }],
      ids: { name: 'events.ids' },
    }),
  );
  const watch = createSealWatch(root);
  await watch.look();
  const remove = name => fs.rm(path.join(dir, name));
  return { watch, write, remove };
}

test('files that stay as they were sealed are clean', async t => {
  const { watch } = await watchedPartition(t);
  assert.deepEqual(await watch.verify(), { files: 3, problems: [] });
});

test('a part that changes after it was sealed is found', async t => {
  const { watch, write } = await watchedPartition(t);
  await write('part.parquet', 'ROWS');
  const { problems } = await watch.verify();
  assert.match(problems.join(), /part.parquet is not what was sealed/);
});

test('a manifest that is replaced is found', async t => {
  const { watch, write } = await watchedPartition(t);
  await write('manifest.json', JSON.stringify({ files: [] }));
  const { problems } = await watch.verify();
  assert.match(problems.join(), /manifest.json is not what was sealed/);
});

test('a part that goes is found', async t => {
  const { watch, remove } = await watchedPartition(t);
  await remove('part.parquet');
  const { problems } = await watch.verify();
  assert.match(problems.join(), /part.parquet is gone/);
});

test('a file of ids may go, but not change', async t => {
  const { watch, write, remove } = await watchedPartition(t);
  await write('events.ids', 'other');
  assert.match((await watch.verify()).problems.join(), /events.ids is not/);
  await remove('events.ids');
  assert.deepEqual((await watch.verify()).problems, []);
});
