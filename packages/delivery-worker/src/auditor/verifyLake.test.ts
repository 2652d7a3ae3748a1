import { cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Knex } from 'knex';
import {
  bucketAt,
  useWorkshop,
  Workshop,
} from '../sealer/__testUtils__/workshop';
import {
  CANARY,
  declare,
  fileIn,
  flipByte,
  partOf,
  rewriteBatches,
  rewriteRows,
  seal,
  TYPE,
} from './__testUtils__/sealedLake';
import { FolderReader } from './FolderReader';
import { verifyLake } from './verifyLake';

jest.setTimeout(60_000);

const workshop = useWorkshop();

/** The lake as it would lie on another machine. */
async function copyOf(shop: Workshop): Promise<string> {
  const copy = path.join(shop.folder, 'copy');
  await cp(path.join(shop.folder, 'lake'), copy, { recursive: true });
  return copy;
}

function verify(shop: Workshop, root: string, ledger?: Knex) {
  return verifyLake({
    root,
    ledger,
    tempDirectory: path.join(shop.folder, 'verify'),
  });
}

/** Every file below a folder with its bytes. */
async function contentOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const content = new Map<string, Buffer>();
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    content.set(file, entry.isFile() ? await readFile(file) : Buffer.alloc(0));
  }
  return content;
}

describe('verifying a lake', () => {
  it('finds nothing in a lake as it was sealed, elsewhere, and leaves it as it is', async () => {
    const shop = workshop();
    await seal(shop, 3);
    const copy = await copyOf(shop);
    await rm(path.join(copy, '.incoming'), { recursive: true });
    const before = await contentOf(copy);
    const seen: string[] = [];
    const result = await verifyLake({
      root: copy,
      tempDirectory: path.join(shop.folder, 'verify'),
      onProgress: ({ path: at }) => seen.push(at),
    });
    expect(result).toMatchObject({
      eventTypes: 1,
      revisions: 3,
      rows: 15,
      withLedger: false,
      findings: [],
    });
    expect(seen).toEqual([0, 1, 2].map(n => shop.pathOf(n)));
    expect(await contentOf(copy)).toEqual(before);
    await expect(readdir(path.join(shop.folder, 'verify'))).rejects.toThrow();

    expect(await verify(shop, copy, shop.db)).toMatchObject({
      withLedger: true,
      findings: [],
    });
  });

  it('finds damage without a ledger, and says where', async () => {
    const shop = workshop();
    await seal(shop, 3);
    await flipByte(await partOf(shop, 0), 200);
    await rm(fileIn(shop, 1, 'manifest.json'));
    const copy = await copyOf(shop);
    const { findings } = await verify(shop, copy);
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          code: 'file_hash_differs',
          eventType: TYPE,
          bucketStart: bucketAt(0).start,
          revision: 1,
        }),
        expect.objectContaining({
          code: 'unknown_file',
          bucketStart: bucketAt(1).start,
        }),
      ]),
    );
    expect(JSON.stringify(findings)).not.toContain(CANARY);
  });

  it('sees with a ledger what is missing altogether, and who declared more', async () => {
    const shop = workshop();
    await seal(shop, 3);
    await rm(path.join(shop.folder, 'lake', shop.pathOf(1)), {
      recursive: true,
    });
    // Only the gateway's own word is left to tell.
    await rewriteRows(shop, 2, 'SELECT * FROM PART WHERE _sequence % 10 <> 3');
    await rewriteBatches(shop, 2, 1);
    const copy = await copyOf(shop);
    expect((await verify(shop, copy)).findings).toEqual([]);
    const now = jest.spyOn(Date, 'now').mockReturnValue(shop.now.getTime());
    try {
      const { findings } = await verify(shop, copy, shop.db);
      expect(findings.map(({ code }) => code).sort()).toEqual([
        'declared_events_differ',
        'file_missing',
        'manifest_missing',
      ]);
    } finally {
      now.mockRestore();
    }
  });

  it('compares every id of the horizon with every other', async () => {
    const shop = workshop();
    await seal(shop, 6);
    const first = await partOf(shop, 0);
    await rewriteRows(
      shop,
      5,
      `SELECT * FROM PART UNION ALL
       SELECT * REPLACE (TIMESTAMPTZ '2026-01-10T12:05:00.3Z' AS _received_at)
       FROM read_parquet('${first}', hive_partitioning = false)
       WHERE _sequence = 4`,
    );
    await declare(shop, 5, 2, 6);
    expect((await verify(shop, await copyOf(shop))).findings).toMatchObject([
      {
        code: 'duplicate_across_partitions',
        bucketStart: bucketAt(5).start,
        peer: shop.pathOf(0),
        events: 1,
        producer: { producer: 'till-1', firstSequence: 4, lastSequence: 4 },
      },
    ]);
  });

  it('opens nothing outside of the lake, whatever links lie in it', async () => {
    const shop = workshop();
    await seal(shop, 1);
    const copy = await copyOf(shop);
    const outside = path.join(shop.folder, 'outside');
    await mkdir(outside);
    const part = await partOf(shop, 0);
    await cp(part, path.join(outside, 'part'));
    const inLake = path.join(copy, shop.pathOf(0), path.basename(part));
    await rm(inLake);
    await symlink(path.join(outside, 'part'), inLake);
    const { findings } = await verify(shop, copy);
    expect(findings.map(({ code }) => code)).toContain('file_missing');
    const reader = await FolderReader.open(copy);
    await expect(reader.get('../outside/part')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('refuses what is not a lake', async () => {
    const shop = workshop();
    await expect(
      verify(shop, path.join(shop.folder, 'nowhere')),
    ).rejects.toMatchObject({ code: 'lake_not_found' });
    await expect(verify(shop, shop.folder)).rejects.toMatchObject({
      code: 'not_a_lake',
    });
  });
});
