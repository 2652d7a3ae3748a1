import { truncate, writeFile, chmod } from 'node:fs/promises';
import { manifestWithoutFiles } from '../__testUtils__/manifests';
import { readParquetElsewhere } from '../__testUtils__/readParquetElsewhere';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { createDuckdb, Duckdb } from '../duckdb';
import { publishPartition } from '../publish';
import { LocalLakeStore } from '../store';
import { readRows } from './readRows';

const folder = temporaryFolder();
const path = 'shop.order_placed/dt=2026-11-21/hh=13/r0001';
let duckdb: Duckdb;
beforeAll(async () => {
  duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
});
afterAll(() => duckdb.close());

/** Publishes what the queries select, one file each. */
async function publish(name: string, queries: [sql: string, rows: number][]) {
  const store = await LocalLakeStore.open({ root: folder.path(name) });
  const files = [];
  for (const [index, [sql, rows]] of queries.entries()) {
    const localFile = folder.path(`${name}-${index}.parquet`);
    await duckdb.run(`COPY (${sql}) TO $1 (FORMAT parquet, COMPRESSION zstd)`, [
      localFile,
    ]);
    files.push({ localFile, rows });
  }
  const delivered = queries.reduce((sum, [, rows]) => sum + rows, 0);
  const published = await publishPartition(store, {
    path,
    files,
    manifest: manifestWithoutFiles({
      counts: {
        accepted: delivered,
        delivered,
        duplicates: 0,
        refused: 0,
        conflicts: 0,
        skewed: 0,
      },
    }),
  });
  return { store, files: published.manifest.files };
}

const NESTED = `SELECT 'e1' AS _id,
  '2026-11-21T13:00:00.123456Z'::TIMESTAMPTZ AS _received_at,
  9007199254740993::BIGINT AS big, 7::BIGINT AS small,
  [{a: 1, "+1": 'x'}, {a: NULL, "+1": 'ü'}] AS list,
  MAP {'k': [1.5::DOUBLE]} AS map, '{"z": [1, 2.50]}'::JSON AS json,
  '2026-02-28'::DATE AS day, NULL::VARCHAR AS nothing`;

describe('readRows', () => {
  it('gives nested values as plain JSON with the types of the columns', async () => {
    const { store } = await publish('nested', [[NESTED, 1]]);
    const page = await readRows(store, { path, limit: 10 });
    expect(page).toEqual({
      total: 1,
      columns: [
        { name: '_id', type: 'VARCHAR' },
        { name: '_received_at', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'big', type: 'BIGINT' },
        { name: 'small', type: 'BIGINT' },
        { name: 'list', type: 'STRUCT(a INTEGER, "+1" VARCHAR)[]' },
        { name: 'map', type: 'MAP(VARCHAR, DOUBLE[])' },
        { name: 'json', type: 'JSON' },
        { name: 'day', type: 'DATE' },
        { name: 'nothing', type: 'VARCHAR' },
      ],
      rows: [
        [
          'e1',
          '2026-11-21T13:00:00.123456Z',
          '9007199254740993',
          7,
          [
            { a: 1, '+1': 'x' },
            { a: null, '+1': 'ü' },
          ],
          { k: [1.5] },
          '{"z": [1, 2.50]}',
          '2026-02-28',
          null,
        ],
      ],
    });
    expect(JSON.parse(JSON.stringify(page))).toEqual(page);
  });

  it('reads the same as a reader that shares no code with DuckDB', async () => {
    const { store, files } = await publish('elsewhere', [[NESTED, 1]]);
    const [row] = await readParquetElsewhere(
      await store.localPath(`${path}/${files[0].name}`),
    );
    expect(row).toMatchObject({
      _id: 'e1',
      _received_at: '2026-11-21T13:00:00.123Z',
      big: '9007199254740993',
      list: [
        { a: 1, '+1': 'x' },
        { a: null, '+1': 'ü' },
      ],
      json: { z: [1, 2.5] },
    });
  });

  it('pages through several files in their order', async () => {
    const { store } = await publish('pages', [
      ['SELECT range AS n FROM range(0, 5000)', 5000],
      ['SELECT range AS n FROM range(5000, 6000)', 1000],
    ]);
    const page = await readRows(store, { path, limit: 1000, offset: 4500 });
    expect(page.total).toBe(6000);
    expect(page.rows.map(([n]) => n)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 4500 + index),
    );
    const last = await readRows(store, { path, limit: 1000, offset: 5999 });
    expect(last.rows).toEqual([[5999]]);
    expect(
      (await readRows(store, { path, limit: 1, offset: 6000 })).rows,
    ).toEqual([]);
  });

  it('does not see files that the manifest does not name', async () => {
    const { store } = await publish('strays', [['SELECT 1 AS n', 1]]);
    await writeFile(folder.path('stray'), 'not even parquet');
    await store.putIfAbsent(`${path}/part-00001.parquet`, folder.path('stray'));
    const page = await readRows(store, { path, limit: 10, duckdb });
    expect(page.rows).toEqual([[1]]);
  });

  it('does not answer from a truncated or missing file', async () => {
    const { store, files } = await publish('damaged', [['SELECT 1 AS n', 1]]);
    const key = `${path}/${files[0].name}`;
    const local = await store.localPath(key);
    await chmod(local, 0o644);
    await truncate(local, files[0].bytes - 1);
    const damaged = { code: 'partition_damaged' };
    await expect(readRows(store, { path, limit: 1 })).rejects.toMatchObject(
      damaged,
    );
    await store.delete(key);
    await expect(readRows(store, { path, limit: 1 })).rejects.toMatchObject(
      damaged,
    );
  });

  it('answers for an empty partition, and says when there is none', async () => {
    const { store } = await publish('empty', []);
    expect(await readRows(store, { path, limit: 1 })).toEqual({
      columns: [],
      rows: [],
      total: 0,
    });
    await expect(
      readRows(store, {
        path: 'shop.other/dt=2026-11-21/hh=13/r0001',
        limit: 1,
      }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      readRows(store, { path: '../empty', limit: 1 }),
    ).rejects.toMatchObject({ code: 'invalid_key' });
  });

  it.each([
    [0, 0],
    [1001, 0],
    [1.5, 0],
    [NaN, 0],
    [1, -1],
    [1, 0.5],
  ])('refuses limit %d with offset %d', async (limit, offset) => {
    const { store } = await publish(`page-${limit}-${offset}`, []);
    await expect(
      readRows(store, { path, limit, offset }),
    ).rejects.toMatchObject({ code: 'invalid_page' });
  });
});
