import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { LakeStore, readManifest, readRows } from '@millrace/lake';
import { claimLease, getPartition, sealResource } from '@millrace/ledger';
import { SIMPLE_SCHEMA } from './__testUtils__/schemas';
import {
  bucketAt,
  event,
  HALF_PAST,
  StageOptions,
  useWorkshop,
  Workshop,
} from './__testUtils__/workshop';
import { MergeStep } from './ids';
import { BucketStep } from './sealing/sealBucket';

jest.setTimeout(120_000);

const TYPE = 'shop.order';
const STEPS: BucketStep[] = [
  'began',
  'gathered',
  'loaded',
  'deduplicated',
  'written',
  'counted',
  'marked',
  'published',
  'committed',
];
const MERGE_STEPS: MergeStep[] = ['merged', 'placed', 'replaced'];
const workshop = useWorkshop();

async function open(buckets: number): Promise<Workshop> {
  const shop = workshop();
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  return shop;
}

/** Stages batches and declares them. */
async function deliver(shop: Workshop, n: number, batches: StageOptions[]) {
  const files = [];
  for (const [index, batch] of batches.entries()) {
    files.push(
      await shop.stage({ bucket: bucketAt(n), batch: index + 1, ...batch }),
    );
  }
  await shop.declare(
    bucketAt(n),
    batches.length > 0 ? { [TYPE]: batches.length } : {},
  );
  return files;
}

async function idsOf(shop: Workshop, n: number): Promise<unknown[]> {
  const { rows } = await readRows(shop.store, {
    path: shop.pathOf(n),
    limit: 1000,
  });
  return rows.map(([id]) => id);
}

/** Hashes of everything that is published. */
async function hashesOf(shop: Workshop): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const key of await shop.store.list(TYPE)) {
    const bytes = await shop.store.get(key);
    hashes[key] = createHash('sha256').update(bytes).digest('hex');
  }
  return hashes;
}

const stateOf = async (shop: Workshop, n: number) =>
  (
    await getPartition(shop.db, {
      eventType: TYPE,
      bucketStart: bucketAt(n).start,
    })
  )?.state;

function dieAt<Step extends string>(step: Step) {
  return (reached: Step) => {
    if (reached === step) {
      throw new Error(`died after ${step}`);
    }
  };
}

describe('a sealer that dies', () => {
  it.each(STEPS)(
    'after %s is followed by one that makes each partition exactly once',
    async step => {
      const shop = await open(2);
      const files = await deliver(shop, 0, [
        { events: [event('a', { n: 1 }), event('b', { n: 1 })] },
        { events: [event('a', { n: 1 }), event('bad', { n: 'x' })] },
      ]);
      await deliver(shop, 1, [
        { events: [event('a', { n: 1 }), event('c', { n: 1 })] },
      ]);
      // The second sealer is the restarted first: same name, so it takes over
      // the lease at once.
      const dying = shop.sealer({ onStep: dieAt(step) });
      await dying.runOnce();
      await dying.close();
      const published = (await readManifest(shop.store, shop.pathOf(0)))
        ? await hashesOf(shop)
        : {};
      const isPublished = STEPS.indexOf(step) >= STEPS.indexOf('published');
      expect(Object.keys(published).length > 0).toBe(isPublished);
      expect(await stateOf(shop, 0)).toBe(
        STEPS.indexOf(step) >= STEPS.indexOf('committed')
          ? 'sealed'
          : 'sealing',
      );

      const next = shop.sealer();
      expect((await next.runOnce()).failed).toBe(0);
      expect(await stateOf(shop, 0)).toBe('sealed');
      expect(await stateOf(shop, 1)).toBe('sealed');
      expect(await idsOf(shop, 0)).toEqual(['a', 'b']);
      expect(await idsOf(shop, 1)).toEqual(['c']);
      expect(await hashesOf(shop)).toMatchObject(published);
      expect(
        (await readManifest(shop.store, shop.pathOf(0)))?.counts,
      ).toMatchObject({ accepted: 4, delivered: 2, duplicates: 1, refused: 1 });
      expect(
        await shop.db('refused_events').select('event_id', 'seen_count'),
      ).toEqual([expect.objectContaining({ event_id: 'bad' })]);
      expect(files.every(existsSync)).toBe(true);
      const sealed = await hashesOf(shop);
      expect(await next.runOnce()).toMatchObject({ sealed: 0, failed: 0 });
      expect(await hashesOf(shop)).toEqual(sealed);
    },
  );

  it('between publishing and commit lets no other bucket of its type go first', async () => {
    const shop = await open(2);
    await deliver(shop, 0, [{ events: [event('a', { n: 1 })] }]);
    await deliver(shop, 1, [{ events: [event('a', { n: 1 })] }]);
    // Fails three times, in a process that lives on.
    let deaths = 0;
    const sealer = shop.sealer({
      onStep: (step, _, bucket) => {
        if (
          step === 'published' &&
          bucket.start.getTime() === bucketAt(0).start.getTime() &&
          deaths < 3
        ) {
          deaths += 1;
          throw new Error('the ledger is away');
        }
      },
    });
    for (const later of [0, 500, 1_000, 1_500, 3_000]) {
      shop.now = new Date(HALF_PAST.getTime() + later);
      expect(await sealer.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
      expect(await readManifest(shop.store, shop.pathOf(1))).toBeUndefined();
    }
    shop.now = new Date(HALF_PAST.getTime() + 60_000);
    expect(await sealer.runOnce()).toMatchObject({ sealed: 2, failed: 0 });
    expect(await idsOf(shop, 0)).toEqual(['a']);
    expect(
      (await readManifest(shop.store, shop.pathOf(1)))?.counts,
    ).toMatchObject({ accepted: 1, delivered: 0, duplicates: 1 });
  });
});

describe('a partition that may be published', () => {
  it('comes before every other one of its type, whoever takes over', async () => {
    const shop = await open(2);
    await deliver(shop, 0, [{ events: [event('a', { n: 1 })] }]);
    await deliver(shop, 1, [{ events: [event('a', { n: 1 })] }]);
    const isFirst = (start: Date) =>
      start.getTime() === bucketAt(0).start.getTime();
    // The earlier bucket fails unpublished, the later one when it is published.
    const dying = shop.sealer({
      onStep: (step, _, { start }) => {
        if (step === (isFirst(start) ? 'counted' : 'published')) {
          throw new Error('died');
        }
      },
    });
    expect(await dying.runOnce()).toMatchObject({ sealed: 0, failed: 2 });
    await dying.close();

    const order: number[] = [];
    const next = shop.sealer({
      onStep: (step, _, { start }) => {
        if (step === 'committed') order.push(isFirst(start) ? 0 : 1);
      },
    });
    expect(await next.runOnce()).toMatchObject({ sealed: 2, failed: 0 });
    expect(order).toEqual([1, 0]);
    expect(await idsOf(shop, 1)).toEqual(['a']);
    expect(
      (await readManifest(shop.store, shop.pathOf(0)))?.counts,
    ).toMatchObject({ accepted: 1, delivered: 0, duplicates: 1 });
  });

  it('is not overtaken by a sealer that does not know of it', async () => {
    const shop = await open(2);
    await deliver(shop, 0, [{ events: [event('a', { n: 1 })] }]);
    await deliver(shop, 1, [{ events: [event('a', { n: 1 })] }]);
    // Marked by somebody else after this sealer has made its list.
    const sealer = shop.sealer({
      onStep: async (step, _, { start }) => {
        if (
          step === 'counted' &&
          start.getTime() === bucketAt(0).start.getTime()
        ) {
          await shop.db('partitions').insert({
            event_type: TYPE,
            bucket_start: bucketAt(5).start,
            bucket_seconds: 60,
            bucket_end: bucketAt(6).start,
            revision: 1,
            state: 'sealing',
            decision: '{}',
            publishing_since: new Date(),
          });
        }
      },
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect(shop.logs.join()).toContain('another one may be published');
    expect(await shop.store.list(TYPE)).toEqual([]);
  });
});

describe('sealers at the same time', () => {
  it('make each partition once between them', async () => {
    const shop = await open(6);
    for (const n of [0, 1, 2, 3, 4, 5]) {
      await deliver(shop, n, [
        { events: [event('same', { n: 1 }), event(`own ${n}`, { n })] },
      ]);
    }
    const sealers = ['w1', 'w2', 'w3'].map(workerId =>
      shop.sealer({ workerId }),
    );
    const runs = await Promise.all(sealers.map(sealer => sealer.runOnce()));
    runs.push(await sealers[0].runOnce());
    expect(runs.reduce((sum, run) => sum + run.sealed, 0)).toBe(6);
    expect(runs.reduce((sum, run) => sum + run.failed, 0)).toBe(0);
    const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(n => idsOf(shop, n)));
    expect(ids.flat().sort()).toEqual(
      ['same', 0, 1, 2, 3, 4, 5]
        .map(n => (n === 'same' ? 'same' : `own ${n}`))
        .sort(),
    );
  });

  it('cannot commit under a fencing token that is no longer the newest', async () => {
    const shop = await open(1);
    await deliver(shop, 0, [{ events: [event('a', { n: 1 })] }]);
    // The lease is taken over in the middle of publishing: after the last check
    // of the lease, before the manifest.
    const stalled: LakeStore = {
      get: shop.store.get.bind(shop.store),
      stat: shop.store.stat.bind(shop.store),
      list: shop.store.list.bind(shop.store),
      delete: shop.store.delete.bind(shop.store),
      localCopy: shop.store.localCopy.bind(shop.store),
      putIfAbsent: shop.store.putIfAbsent.bind(shop.store),
      async putBytesIfAbsent(key, bytes) {
        await shop.db('leases').update({ expires_at: new Date(0) });
        await claimLease(shop.db, {
          resource: sealResource(TYPE),
          holder: 'w2',
          leaseMs: 60_000,
        });
        return shop.store.putBytesIfAbsent(key, bytes);
      },
    };
    const zombie = shop.sealer({ workerId: 'w1', store: stalled });
    expect(await zombie.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect(shop.logs.join()).toContain('is no longer the newest');
    expect(await stateOf(shop, 0)).toBe('sealing');
    const published = await hashesOf(shop);

    expect(await shop.sealer({ workerId: 'w2' }).runOnce()).toMatchObject({
      sealed: 1,
    });
    expect(await hashesOf(shop)).toEqual(published);
    expect(await stateOf(shop, 0)).toBe('sealed');
  });

  it('do not publish once they have lost the lease', async () => {
    const shop = await open(1);
    await deliver(shop, 0, [{ events: [event('a', { n: 1 })] }]);
    const loser = shop.sealer({
      workerId: 'w1',
      onStep: async step => {
        if (step === 'counted') {
          await shop.db('leases').update({ expires_at: new Date(0) });
          await claimLease(shop.db, {
            resource: sealResource(TYPE),
            holder: 'w2',
            leaseMs: 60_000,
          });
        }
      },
    });
    expect(await loser.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect(await readManifest(shop.store, shop.pathOf(0))).toBeUndefined();
    expect(shop.logs.join()).toContain('Another sealer has taken over');
  });
});

describe('a sealer that is closed', () => {
  it('finishes the bucket in hand and begins no other', async () => {
    const shop = await open(3);
    for (const n of [0, 1, 2]) {
      await deliver(shop, n, [{ events: [event(`${n}`, { n })] }]);
    }
    let closed: Promise<void> | undefined;
    const sealer = shop.sealer({
      onStep: () => {
        closed ??= sealer.close();
      },
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    await closed;
    expect(await stateOf(shop, 0)).toBe('sealed');
    expect(await stateOf(shop, 1)).toBeUndefined();
  });
});

describe('any events in any buckets, with sealers dying at any step', () => {
  const BUCKETS = 4;
  const anyEvent = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    source: fc.constantFrom('/s', '/t'),
    n: fc.constantFrom(1, 2, 3),
    castable: fc.boolean(),
    second: fc.integer({ min: 0, max: 59 }),
  });
  const anyDelivery = fc.array(
    fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 6 }), {
      maxLength: 3,
    }),
    { minLength: BUCKETS, maxLength: BUCKETS },
  );

  /** What happens between one bucket's end and the next one's. */
  const anyTurn = fc.oneof(
    fc.record({ dies: fc.constantFrom(...STEPS) }),
    fc.record({ merges: fc.option(fc.constantFrom(...MERGE_STEPS)) }),
    fc.constant({ seals: true }),
  );
  type Turn =
    | { dies: BucketStep }
    | { merges: MergeStep | null }
    | { seals: true };
  const anyTurns = fc.array(fc.array(anyTurn, { maxLength: 3 }), {
    minLength: BUCKETS,
    maxLength: BUCKETS,
  });

  /** From one shard for everything to several for a few events. */
  const anyShards = fc.constantFrom(1e9, 400, 150);

  interface AnyEvent {
    id: string;
    source: string;
    n: number;
    castable: boolean;
    second: number;
  }

  function toStored({ id, source, n, castable, second }: AnyEvent, at: number) {
    return event(id, castable ? { n } : { n, at: 'never' }, {
      source,
      receivedAt: new Date(
        bucketAt(at).start.getTime() + second * 1000,
      ).toISOString(),
    });
  }

  /** What must come of a delivery, by a few sets instead of SQL. */
  function predict(delivery: AnyEvent[][][]) {
    const seen = new Set<string>();
    const expected: string[][] = [];
    let refused = 0;
    for (const batches of delivery) {
      const events = batches.flat();
      const keysOf = (some: AnyEvent[]) =>
        new Set(some.map(({ id, source, n }) => `${source} ${id} ${n}`));
      const fresh = [...keysOf(events.filter(one => one.castable))].filter(
        key => !seen.has(key),
      );
      fresh.forEach(key => seen.add(key));
      expected.push(fresh.sort());
      refused += keysOf(events.filter(one => !one.castable)).size;
    }
    return { expected, refused, accepted: delivery.flat(2).length };
  }

  async function take(shop: Workshop, turn: Turn, shardBytes: number) {
    if ('merges' in turn) {
      const { merges } = turn;
      await shop.idUpkeep(merges ? { onStep: dieAt(merges) } : {})();
      return;
    }
    const sealer = shop.sealer({
      shardBytes,
      ...('dies' in turn && { onStep: dieAt(turn.dies) }),
    });
    await sealer.runOnce();
    await sealer.close();
  }

  it('deliver each event once, in the bucket that has it first', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDelivery,
        anyTurns,
        anyShards,
        async (delivery, turns, shardBytes) => {
          await workshop().reset();
          const shop = await open(BUCKETS);
          const { expected, accepted, refused } = predict(delivery);
          for (const [n, batches] of delivery.entries()) {
            await deliver(
              shop,
              n,
              batches.map(batch => ({
                events: batch.map(one => toStored(one, n)),
              })),
            );
            for (const turn of turns[n]) {
              await take(shop, turn, shardBytes);
            }
          }

          const last = shop.sealer();
          expect(await last.runOnce()).toMatchObject({ failed: 0, blocked: 0 });
          await last.close();

          const unmarked = new Set<string>();
          const sums = { accepted: 0, delivered: 0, duplicates: 0, refused: 0 };
          for (let n = 0; n < BUCKETS; n++) {
            const { rows, columns } = await readRows(shop.store, {
              path: shop.pathOf(n),
              limit: 1000,
            });
            const at = (name: string) =>
              columns.findIndex(column => column.name === name);
            expect(
              rows
                .map(
                  row =>
                    `${row[at('_source')]} ${row[at('_id')]} ${row[at('n')]}`,
                )
                .sort(),
            ).toEqual(expected[n]);
            for (const row of rows.filter(r => !r[at('_id_conflict')])) {
              const id = `${row[at('_source')]} ${row[at('_id')]}`;
              expect(unmarked).not.toContain(id);
              unmarked.add(id);
            }
            const manifest = await readManifest(shop.store, shop.pathOf(n));
            sums.accepted += manifest!.counts.accepted;
            sums.delivered += manifest!.counts.delivered;
            sums.duplicates += manifest!.counts.duplicates;
            sums.refused += manifest!.counts.refused;
          }
          expect(sums).toEqual({
            accepted,
            delivered: expected.flat().length,
            refused,
            duplicates: accepted - expected.flat().length - refused,
          });
          // The ids that count are those of what was delivered, each once.
          expect((await shop.idsThatCount()).sort()).toEqual(
            expected.flatMap((keys, n) => keys.map(() => n)).sort(),
          );
        },
      ),
      { numRuns: 20 },
    );
  }, 600_000);
});
