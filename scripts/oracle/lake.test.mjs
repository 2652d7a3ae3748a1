import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { readLake } from './lake.mjs';

/** A lake with one partition of two rows, written by DuckDB. */
async function lakeWithOnePartition(t) {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'oracle-'));
  t.after(() => fs.rm(root, { recursive: true, force: true }));
  const dir = path.join(root, 'shop.order/dt=2026-01-01/hh=00/r0001');
  await fs.mkdir(dir, { recursive: true });
  const file = path.join(dir, 'part-00000.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'e' || i AS _id, '/test' AS _source, i AS amount FROM range(2) r(i))
     TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  const manifest = {
    counts: { accepted: 3, delivered: 2, duplicates: 1, refused: 0 },
    files: [
      {
        name: 'part-00000.parquet',
        rows: 2,
        sha256: createHash('sha256')
          .update(await fs.readFile(file))
          .digest('hex'),
      },
    ],
  };
  const write = changed =>
    fs.writeFile(
      path.join(dir, 'manifest.json'),
      JSON.stringify({ ...manifest, ...changed }),
    );
  await write({});
  return { root, dir, file, manifest, write };
}

test('the rows of a sealed partition are read with an independent reader', async t => {
  const { root } = await lakeWithOnePartition(t);
  const { rows, problems } = await readLake(root);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rows.map(({ endpoint, row }) => [endpoint, row._id, row.amount]),
    [
      ['shop.order', 'e0', 0n],
      ['shop.order', 'e1', 1n],
    ],
  );
});

test('a file that changed after sealing is found', async t => {
  const { root, manifest, write } = await lakeWithOnePartition(t);
  await write({ files: [{ ...manifest.files[0], sha256: 'f'.repeat(64) }] });
  const { problems } = await readLake(root);
  assert.match(problems.join(), /is not the file that was sealed/);
});

test('a file that the manifest does not know is found', async t => {
  const { root, dir, file } = await lakeWithOnePartition(t);
  await fs.copyFile(file, path.join(dir, 'part-00001.parquet'));
  const { problems } = await readLake(root);
  assert.match(problems.join(), /part-00001.parquet is not in the manifest/);
});

test('counts that do not add up are found', async t => {
  const { root, write } = await lakeWithOnePartition(t);
  await write({
    counts: { accepted: 4, delivered: 2, duplicates: 1, refused: 0 },
  });
  const { problems } = await readLake(root);
  assert.match(problems.join(), /the counts do not add up/);
});

test('of two revisions only the newer one is read', async t => {
  const { root, dir } = await lakeWithOnePartition(t);
  await fs.cp(dir, path.join(path.dirname(dir), 'r0002'), { recursive: true });
  const { rows, problems } = await readLake(root);
  assert.deepEqual(problems, []);
  assert.equal(rows.length, 2);
});
