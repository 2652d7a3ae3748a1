import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb, listParameter } from '../duckdb';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { LakeStore, LocalLakeStore } from '../store';
import { findEventKeys } from './findEventKeys';
import {
  CountingIdFile,
  inspectIdFileSql,
  mergedIdFileKey,
  mergedIdFileToken,
  mergedIdsFolder,
  readCountingIdsSql,
  writeIdFileSql,
} from './idFiles';

const folder = temporaryFolder();
let duckdb: Duckdb;
beforeAll(async () => {
  duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
});
afterAll(() => duckdb.close());

let files = 0;

/** An id file with the ids of the numbers, in the order given. */
async function write(query: string): Promise<string> {
  files += 1;
  const file = folder.path(`${files}.ids`);
  await duckdb.run(
    writeIdFileSql(
      `SELECT md5(n::VARCHAR)::UUID AS event_key,
         md5('c' || n)::UUID AS content_hash,
         TIMESTAMPTZ '2026-01-10 12:00:00Z' AS bucket_start
       FROM (${query}) AS t (n)`,
    ),
    [file],
  );
  return file;
}

const range = (from: number, to: number) =>
  `SELECT range FROM range(${from}, ${to})`;

async function keyOf(n: number): Promise<string> {
  const [{ key }] = await duckdb.rows(
    'SELECT md5($1::VARCHAR)::UUID::VARCHAR AS key',
    [String(n)],
  );
  return String(key);
}

const inspect = async (...paths: string[]) =>
  (await duckdb.rows(inspectIdFileSql(), [listParameter(paths)]))[0];

describe('an id file', () => {
  it('is sorted by key, so that a look-up of few keys reads few of its parts', async () => {
    const file = await write(range(0, 200_000));
    const groups = await duckdb.rows(
      `SELECT row_group_id AS id, stats_min_value AS least,
         stats_max_value AS most
       FROM parquet_metadata($1) WHERE path_in_schema = 'event_key'
       ORDER BY row_group_id`,
      [file],
    );
    expect(groups.length).toBeGreaterThan(4);
    const bounds = groups.flatMap(({ least, most }) => [
      String(least),
      String(most),
    ]);
    expect(bounds).toEqual([...bounds].sort());
  });

  it('has a checksum that tells which ids it holds, in any order and in any files', async () => {
    const whole = await write(range(0, 1_000));
    const parts = [await write(range(500, 1_000)), await write(range(0, 500))];
    expect(await inspect(...parts)).toEqual(await inspect(whole));
    // One lost and another one twice: as many rows, and not the same.
    const wrong = await write(`${range(1, 1_000)} UNION ALL SELECT 7`);
    const other = await inspect(wrong);
    expect(other.rows).toBe(1_000);
    expect(other).not.toEqual(await inspect(whole));
  });
});

describe('ids that count', () => {
  it('are those of a file without those of buckets that were replaced', async () => {
    const ofOtherBucket = folder.path('other.ids');
    await duckdb.run(
      writeIdFileSql(
        `SELECT md5(n::VARCHAR)::UUID AS event_key,
           md5('c' || n)::UUID AS content_hash,
           TIMESTAMPTZ '2026-01-10 11:00:00Z' AS bucket_start
         FROM (${range(0, 5)}) AS t (n)`,
      ),
      [ofOtherBucket],
    );
    const mixed = folder.path('mixed.ids');
    const own = await write(range(10, 13));
    await duckdb.run(
      writeIdFileSql(
        `SELECT * FROM ${readCountingIdsSql([
          { path: own, withoutBuckets: [] },
          { path: ofOtherBucket, withoutBuckets: [] },
        ])}`,
      ),
      [mixed],
    );
    const countOf = async (...some: CountingIdFile[]) =>
      (await duckdb.rows(inspectIdFileSql(readCountingIdsSql(some))))[0].rows;
    expect(await countOf()).toBe(0);
    expect(await countOf({ path: mixed, withoutBuckets: [] })).toBe(8);
    const withoutBuckets = ['2026-01-10T11:00:00+00:00'];
    expect(await countOf({ path: mixed, withoutBuckets })).toBe(3);
    expect(
      await countOf(
        { path: mixed, withoutBuckets },
        { path: ofOtherBucket, withoutBuckets: [] },
      ),
    ).toBe(8);
    withoutBuckets.push('2026-01-10T12:00:00Z');
    expect(await countOf({ path: mixed, withoutBuckets })).toBe(0);
  });
});

describe('findEventKeys', () => {
  it('finds keys in any of the files, in a lake of local files and in another one', async () => {
    const store = await LocalLakeStore.open({ root: folder.path('lake') });
    await store.putIfAbsent('shop.order/ids/a.ids', await write(range(0, 100)));
    await store.putIfAbsent(
      'shop.order/ids/b.ids',
      await write(range(100, 200)),
    );
    const remote: LakeStore = {
      get: key => store.get(key),
      stat: key => store.stat(key),
      list: key => store.list(key),
      delete: key => store.delete(key),
      putIfAbsent: (key, file) => store.putIfAbsent(key, file),
      putBytesIfAbsent: (key, bytes) => store.putBytesIfAbsent(key, bytes),
      localCopy: async (key, copies) => {
        const copy = path.join(copies, encodeURIComponent(key));
        await writeFile(copy, await store.get(key));
        return copy;
      },
    };
    const eventKeys = [await keyOf(5), await keyOf(150), await keyOf(999)];
    for (const each of [store, remote, remote]) {
      expect(
        await findEventKeys(each, {
          idFiles: [
            { path: 'shop.order/ids/a.ids' },
            { path: 'shop.order/ids/b.ids' },
          ],
          eventKeys,
          folder: folder.path('copies'),
          duckdb,
        }),
      ).toEqual(new Set(eventKeys.slice(0, 2)));
    }
  });

  it('finds nothing without files or keys, and says when a file is gone', async () => {
    const store = await LocalLakeStore.open({ root: folder.path('lake-2') });
    const eventKeys = [await keyOf(1)];
    const options = { folder: folder.path('copies-2'), duckdb };
    expect(
      await findEventKeys(store, { ...options, idFiles: [], eventKeys }),
    ).toEqual(new Set());
    await expect(
      findEventKeys(store, {
        ...options,
        idFiles: [{ path: 't/ids/x.ids' }],
        eventKeys,
      }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the name of a merged file', () => {
  it('says under which fencing token it was made', () => {
    const key = mergedIdFileKey('shop.order', {
      fencingToken: 42n,
      sha256: 'ab'.repeat(32),
    });
    expect(key.startsWith(`${mergedIdsFolder('shop.order')}/`)).toBe(true);
    expect(mergedIdFileToken(key)).toBe(42n);
    expect(mergedIdFileToken('shop.order/ids/adopted-ab.ids')).toBeUndefined();
    expect(() => mergedIdsFolder('../x')).toThrow();
  });
});
