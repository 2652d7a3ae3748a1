import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { SIMPLE_SCHEMA } from './sealer/__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from './sealer/__testUtils__/workshop';
import { removeOldStaged, StagedRetention } from './stagedRetention';

jest.setTimeout(60_000);

const TYPE = 'shop.order';
const HOUR_MS = 60 * 60_000;
const EVERYTHING = { retentionMs: 48 * HOUR_MS, maxBytes: 1e9 };
const workshop = useWorkshop();

/** Seals so many buckets, one after the other; gives their staged files. */
async function sealBuckets(shop: Workshop, buckets: number): Promise<string[]> {
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  const files: string[] = [];
  for (let n = 0; n < buckets; n++) {
    files.push(
      await shop.stage({
        bucket: bucketAt(n),
        events: [event(`${n}`, { n })],
      }),
    );
    await shop.declare(bucketAt(n), { [TYPE]: 1 });
    shop.now = new Date(bucketAt(n + 1).start.getTime() + 1_000);
    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 1 });
  }
  return files;
}

const remove = (shop: Workshop, retention: StagedRetention, now: Date) =>
  removeOldStaged({ ledger: shop.db, clock: () => now, ...retention });

describe('staged files', () => {
  it('outlive sealing by their retention, and not longer', async () => {
    const shop = workshop();
    const [first, second] = await sealBuckets(shop, 2);
    const firstSealed = bucketAt(1).start.getTime() + 1_000;
    const after = new Date(firstSealed + 48 * HOUR_MS + 1);
    expect(await remove(shop, EVERYTHING, new Date(firstSealed))).toBe(0);
    expect([first, second].map(existsSync)).toEqual([true, true]);
    expect(await remove(shop, EVERYTHING, after)).toBe(1);
    expect([first, second].map(existsSync)).toEqual([false, true]);
    expect(await remove(shop, EVERYTHING, after)).toBe(0);
  });

  it('go with the oldest when they take more room than they may', async () => {
    const shop = workshop();
    const files = await sealBuckets(shop, 4);
    const bytes = await shop.db('partitions').pluck('staged_bytes');
    const two = Number(bytes[2]) + Number(bytes[3]);
    const now = bucketAt(5).start;
    expect(await remove(shop, { ...EVERYTHING, maxBytes: two }, now)).toBe(2);
    expect(files.map(existsSync)).toEqual([false, false, true, true]);
    expect(await remove(shop, { ...EVERYTHING, maxBytes: 0 }, now)).toBe(2);
    expect(files.map(existsSync)).toEqual([false, false, false, false]);
  });

  it('stay when they were sealed lately, though the clock is years ahead', async () => {
    const shop = workshop();
    const [file] = await sealBuckets(shop, 1);
    await shop.db('partitions').update({ sealed_at: new Date() });
    expect(await remove(shop, EVERYTHING, new Date('2031-01-01'))).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  it('that are not sealed yet stay, however old and however large', async () => {
    const shop = workshop();
    await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
    const file = await shop.stage({ events: [event('a', { n: 1 })] });
    const none = { retentionMs: 0, maxBytes: 0 };
    expect(await remove(shop, none, new Date())).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  it('that are gone already are noted as gone', async () => {
    const shop = workshop();
    const [file] = await sealBuckets(shop, 1);
    await rm(file);
    const none = { retentionMs: 0, maxBytes: 0 };
    expect(await remove(shop, none, new Date())).toBe(1);
    expect(await remove(shop, none, new Date())).toBe(0);
  });
});
