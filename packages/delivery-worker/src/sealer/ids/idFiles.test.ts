import { existsSync } from 'node:fs';
import { appendFile, chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LakeStore,
  mergedIdFileKey,
  mergedIdsFolder,
  readManifest,
  readRows,
} from '@millrace/lake';
import {
  claimLease,
  getPartition,
  listIdFiles,
  mergeIdsResource,
  retireIdFiles,
} from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from '../__testUtils__/workshop';
import { sweepIdFiles } from './sweepIdFiles';

jest.setTimeout(120_000);

const TYPE = 'shop.order';
const workshop = useWorkshop();

async function open(buckets: number): Promise<Workshop> {
  const shop = workshop();
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  return shop;
}

/** Seals one bucket with the events, given as `id` or `id n`. */
async function seal(shop: Workshop, n: number, ...events: string[]) {
  await stage(shop, n, ...events);
  const sealer = shop.sealer();
  expect(await sealer.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
  await sealer.close();
}

async function stage(shop: Workshop, n: number, ...events: string[]) {
  await shop.stage({
    bucket: bucketAt(n),
    events: events.map(text => {
      const [id, value = '1'] = text.split(' ');
      return event(id, { n: Number(value) });
    }),
  });
  await shop.declare(bucketAt(n), { [TYPE]: 1 });
}

const filesOf = async (shop: Workshop) =>
  (await listIdFiles(shop.db, { eventType: TYPE })).files;

async function countsOf(shop: Workshop, n: number) {
  return (await readManifest(shop.store, shop.pathOf(n)))?.counts;
}

/** An id as earlier releases kept it: in the ledger. */
async function insertOldId(shop: Workshop, id: string, n: number) {
  await shop.db.transaction(async tx => {
    await tx.raw(
      'ALTER TABLE event_ids DROP CONSTRAINT event_ids_are_in_files_now',
    );
    await tx.raw(
      `INSERT INTO event_ids VALUES (:type,
         md5('/shop' || chr(10) || :id)::uuid, md5(:data)::uuid, now())`,
      { type: TYPE, id, data: JSON.stringify({ n }) },
    );
    await tx.raw(
      `ALTER TABLE event_ids ADD CONSTRAINT event_ids_are_in_files_now
       CHECK (false) NOT VALID`,
    );
  });
}

describe('the id file of a partition', () => {
  it('lies beside its data, is named in the manifest, and is no Parquet file to those who look for them', async () => {
    const shop = await open(1);
    await seal(shop, 0, 'a', 'b', 'b 2', 'a');
    const manifest = (await readManifest(shop.store, shop.pathOf(0)))!;
    expect(manifest.ids).toMatchObject({ rows: 3 });
    expect(manifest.ids?.name).toMatch(/^ids-[0-9a-f]{16}\.ids$/);
    const [file] = await filesOf(shop);
    const { name, ...described } = manifest.ids!;
    expect(file).toMatchObject({
      ...described,
      level: 0,
      path: `${shop.pathOf(0)}/${name}`,
    });
    expect(await shop.idsThatCount()).toEqual([0, 0, 0]);
  });

  it('is not made when nothing is delivered', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'a');
    expect((await readManifest(shop.store, shop.pathOf(1)))?.ids).toBe(
      undefined,
    );
    expect(await filesOf(shop)).toHaveLength(1);
  });

  it('of an earlier attempt is taken only when it holds the very same ids', async () => {
    const shop = await open(1);
    await insertOldId(shop, 'a', 1);
    await stage(shop, 0, 'a', 'b');
    const dying = shop.sealer({
      onStep: step => {
        if (step === 'published') throw new Error('died');
      },
    });
    await dying.runOnce();
    await dying.close();
    await shop.db('event_ids').delete();
    await insertOldId(shop, 'b', 1);

    expect(await shop.sealer().runOnce()).toMatchObject({ failed: 1 });
    expect(shop.logs.join()).toContain('with other ids than its staged files');
  });

  it('is put elsewhere when an earlier release has published the partition without it', async () => {
    const shop = await open(2);
    await stage(shop, 0, 'a', 'b');
    const { store } = shop;
    const earlier: LakeStore = Object.assign(Object.create(store), {
      async putBytesIfAbsent(key: string, bytes: Uint8Array) {
        const { ids: _, ...manifest } = JSON.parse(String(bytes));
        await store.putBytesIfAbsent(
          key,
          Buffer.from(JSON.stringify(manifest)),
        );
        throw new Error('died');
      },
      putIfAbsent: (key: string, file: string) => store.putIfAbsent(key, file),
      get: (key: string) => store.get(key),
      stat: (key: string) => store.stat(key),
      list: (folder: string) => store.list(folder),
      delete: (key: string) => store.delete(key),
      localPath: (key: string) => store.localPath(key),
    });
    const dying = shop.sealer({ store: earlier });
    expect(await dying.runOnce()).toMatchObject({ failed: 1 });
    await dying.close();

    expect(await shop.sealer().runOnce()).toMatchObject({
      sealed: 1,
      failed: 0,
    });
    expect((await filesOf(shop))[0].path).toMatch(/\/ids\/adopted-/);
    await seal(shop, 1, 'b', 'c');
    expect(await countsOf(shop, 1)).toMatchObject({
      delivered: 1,
      duplicates: 1,
    });
  });
});

describe('ids that an earlier release left in the ledger', () => {
  it('are looked up beside those in files, and tell duplicates from conflicts', async () => {
    const shop = await open(2);
    await insertOldId(shop, 'old', 1);
    await insertOldId(shop, 'changed', 1);
    await seal(shop, 0, 'new');
    await seal(shop, 1, 'old', 'changed 2', 'new', 'own');
    const { rows, columns } = await readRows(shop.store, {
      path: shop.pathOf(1),
      limit: 10,
    });
    const conflict = columns.findIndex(({ name }) => name === '_id_conflict');
    expect(rows.map(row => [row[0], row[conflict]])).toEqual([
      ['changed', true],
      ['own', false],
    ]);
    expect(await countsOf(shop, 1)).toMatchObject({
      delivered: 2,
      duplicates: 2,
      conflicts: 1,
    });
  });
});

describe('a lake without local files', () => {
  it('has its id files copied once, and copies go with the files', async () => {
    const shop = await open(4);
    const { store } = shop;
    const asked: string[] = [];
    const remote: LakeStore = {
      get: key => {
        asked.push(key);
        return store.get(key);
      },
      stat: key => store.stat(key),
      list: folder => store.list(folder),
      delete: key => store.delete(key),
      putIfAbsent: (key, file) => store.putIfAbsent(key, file),
      putBytesIfAbsent: (key, bytes) => store.putBytesIfAbsent(key, bytes),
      localCopy: async (key, folder) => {
        const copy = join(folder, encodeURIComponent(key));
        if (!existsSync(copy)) {
          await writeFile(copy, await remote.get(key));
        }
        return copy;
      },
    };
    const sealer = shop.sealer({ store: remote });
    const sealNext = async (n: number, ...events: string[]) => {
      await stage(shop, n, ...events);
      expect(await sealer.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    };
    const copies = () => readdir(`${shop.folder}/sealer-w/ids/${TYPE}`);
    await sealNext(0, 'a');
    await sealNext(1, 'a', 'b');
    await sealNext(2, 'a', 'b', 'c');
    expect(await countsOf(shop, 2)).toMatchObject({ duplicates: 2 });
    expect(asked.filter(key => key.endsWith('.ids'))).toHaveLength(2);
    expect(await copies()).toHaveLength(2);

    await shop.idUpkeep({ store: remote, fanIn: 3 })();
    await sealNext(3, 'a', 'c', 'd');
    expect(await countsOf(shop, 3)).toMatchObject({ duplicates: 2 });
    expect(await copies()).toHaveLength(1);
  });
});

describe('merged id files', () => {
  it('know every id with every content, and become few', async () => {
    const shop = await open(20);
    for (let n = 0; n < 16; n++) {
      await seal(shop, n, `own-${n}`, 'same', `changing ${n}`);
    }
    expect(await filesOf(shop)).toHaveLength(16);
    await shop.idUpkeep()();
    const files = await filesOf(shop);
    // Two become one up to level 3: eight buckets in each.
    expect(files.map(({ level, rows }) => [level, rows])).toEqual([
      [3, 17],
      [3, 16],
    ]);
    expect(await shop.idsThatCount()).toHaveLength(33);

    await seal(
      shop,
      16,
      'own-3',
      'own-12',
      'same',
      'changing 7',
      'changing 99',
    );
    expect(await countsOf(shop, 16)).toMatchObject({
      delivered: 1,
      duplicates: 4,
      conflicts: 1,
    });
  });

  it('let the files of sealed partitions go, and nothing else', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    const sources = await filesOf(shop);
    const before = await shop.store.list(TYPE);
    await shop.idUpkeep({ retiredForMs: 60_000 })();
    // Whoever has the list from before goes on reading.
    expect(await shop.store.list(TYPE)).toEqual(expect.arrayContaining(before));
    await shop.idUpkeep({ retiredForMs: 0 })();
    const [merged] = await filesOf(shop);
    expect((await shop.store.list(TYPE)).sort()).toEqual(
      [
        ...before.filter(key => !sources.some(({ path }) => path === key)),
        merged.path,
      ].sort(),
    );
    // The partitions are whole without them.
    expect(
      (await readRows(shop.store, { path: shop.pathOf(0), limit: 10 })).total,
    ).toBe(1);
  });

  it('of a merge that died before its commit are swept by the next one', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    await shop.idUpkeep({
      onStep: step => {
        if (step === 'placed') throw new Error('died');
      },
    })();
    const [orphan] = await shop.store.list(mergedIdsFolder(TYPE));
    expect(await filesOf(shop)).toHaveLength(2);

    await shop.idUpkeep()();
    const [{ path }] = await filesOf(shop);
    expect(path).not.toBe(orphan);
    expect(await shop.store.list(mergedIdsFolder(TYPE))).toEqual([path]);
  });

  it('that a later holder of the lease is about to commit are not swept', async () => {
    const shop = await open(1);
    await seal(shop, 0, 'a');
    const [{ path, sha256 }] = await filesOf(shop);
    const file = await shop.store.localPath(path);
    const place = async (fencingToken: bigint) => {
      const key = mergedIdFileKey(TYPE, { fencingToken, sha256 });
      await shop.store.putIfAbsent(key, file);
      return key;
    };
    const earlier = await place(6n);
    const own = await place(7n);
    const later = await place(8n);
    expect(
      await sweepIdFiles({
        ledger: shop.db,
        store: shop.store,
        eventType: TYPE,
        fencingToken: 7n,
      }),
    ).toBe(2);
    const left = await shop.store.list(mergedIdsFolder(TYPE));
    expect(left).toEqual([later]);
    expect(left).not.toContain(earlier);
    expect(left).not.toContain(own);
  });

  it('are not committed by a worker that has lost its lease', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    await shop.idUpkeep({
      workerId: 'zombie',
      onStep: async step => {
        if (step === 'placed') {
          await shop.db('leases').update({ expires_at: new Date(0) });
          await claimLease(shop.db, {
            resource: mergeIdsResource(TYPE),
            holder: 'successor',
            leaseMs: 60_000,
          });
        }
      },
    })();
    expect((await filesOf(shop)).map(({ level }) => level)).toEqual([0, 0]);
    expect(await shop.idsThatCount()).toHaveLength(2);
  });

  it('are not made of a file that is not what was written, which stays', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    const [damaged] = await filesOf(shop);
    const file = await shop.store.localPath(damaged.path);
    await chmod(file, 0o644);
    await appendFile(file, 'x');
    await shop.idUpkeep()();
    expect(shop.logs.join()).toContain('is not the one that was written');
    expect(await filesOf(shop)).toHaveLength(2);
  });

  it('come about while a bucket is being sealed, without either hindering the other', async () => {
    const shop = await open(3);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    await stage(shop, 2, 'a', 'b', 'c');
    let files: unknown[] = [];
    const sealer = shop.sealer({
      onStep: async step => {
        if (step === 'gathered') {
          await shop.idUpkeep({ retiredForMs: 60_000 })();
          files = await filesOf(shop);
        }
      },
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    expect(files).toHaveLength(1);
    expect(await countsOf(shop, 2)).toMatchObject({
      delivered: 1,
      duplicates: 2,
    });
  });
});

describe('ids beyond the horizon', () => {
  it('are forgotten with their files, and those within it are not, even for a clock far ahead', async () => {
    const shop = await open(2);
    await seal(shop, 0, 'a');
    await seal(shop, 1, 'b');
    const [first, second] = await filesOf(shop);
    await shop
      .db('id_files')
      .where({ id_file_id: second.idFileId })
      .update({ sealed_from: new Date(), sealed_to: new Date() });
    const before = new Date('2031-01-01');
    await expect(retireIdFiles(shop.db, { before })).resolves.toBe(1);
    await shop.idUpkeep({ fanIn: 10 })();
    expect((await filesOf(shop)).map(({ path }) => path)).toEqual([
      second.path,
    ]);
    expect(await shop.store.stat(first.path)).toBeUndefined();
    expect(await shop.store.stat(second.path)).toBeDefined();
    expect(
      await getPartition(shop.db, {
        eventType: TYPE,
        bucketStart: bucketAt(0).start,
      }),
    ).toMatchObject({ state: 'sealed', delivered: 1 });
  });
});
