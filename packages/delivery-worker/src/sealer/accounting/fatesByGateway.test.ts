import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  addToSum,
  checkBalance,
  declareBucket,
  heartbeatGateway,
  listGatewayLines,
} from '@millrace/ledger';
import { StoredEvent } from '@millrace/schema';
import { askOracle } from '../__testUtils__/askOracle';
import { NEXT_SCHEMA } from '../__testUtils__/schemas';
import {
  bucketAt,
  event,
  NOON,
  useWorkshop,
  Workshop,
} from '../__testUtils__/workshop';

jest.setTimeout(600_000);

const TYPE = 'shop.order';
const BUCKETS = 3;
const RANGE = {
  eventType: TYPE,
  from: bucketAt(0).start,
  to: bucketAt(60).start,
};

const LIVES = [
  { gateway: 'g-1', epoch: '1' },
  { gateway: 'g-1', epoch: '2' },
  { gateway: 'g-2', epoch: '1' },
];

interface AnyEvent {
  id: string;
  n: number;
  castable: boolean;
  second: number;
  sequence?: number;
}

interface AnyBatch {
  life: number;
  /** Buckets between the one it was received in and the one it lands in. */
  late: number;
  schemaVersion: number;
  events: AnyEvent[];
}

/** What one gateway epoch has in one receive bucket, counted one by one. */
interface Counted {
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  accepted_sum: string;
  delivered_sum: string;
  duplicates_sum: string;
  refused_sum: string;
}

/** As the manifest defines it. */
function keyHash(id: string): bigint {
  return createHash('md5').update(`/shop\n${id}`).digest().readBigUInt64BE(0);
}

const anyBatch: fc.Arbitrary<AnyBatch> = fc.record({
  life: fc.nat(LIVES.length - 1),
  late: fc.constantFrom(0, 0, 0, 1),
  schemaVersion: fc.constantFrom(1, 2),
  events: fc.array(
    fc.record({
      // Few ids, contents, times and numbers: copies, conflicts and ties.
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      n: fc.constantFrom(1, 2),
      castable: fc.constantFrom(true, true, true, false),
      second: fc.constantFrom(0, 1, 2),
      sequence: fc.constantFrom(undefined, 1, 2),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

const anyDelivery = fc.array(fc.array(anyBatch, { maxLength: 6 }), {
  minLength: BUCKETS,
  maxLength: BUCKETS,
});

const workshop = useWorkshop();

/** The bucket that a batch delivered with the `n`th bucket was received in. */
const receivedIn = (n: number, batch: AnyBatch) => Math.max(0, n - batch.late);

function toStored(of: AnyEvent, receiveBucket: number): StoredEvent {
  const { id, n, castable, second, sequence } = of;
  const start = bucketAt(receiveBucket).start.getTime();
  return event(id, castable ? { n } : { n, at: 'never' }, {
    receivedAt: new Date(start + second * 1_000).toISOString(),
    sequence,
  });
}

async function open(): Promise<Workshop> {
  await workshop().reset();
  const shop = workshop();
  await shop.provision({ [TYPE]: { schema: NEXT_SCHEMA, version: 2 } });
  for (const life of LIVES) {
    await heartbeatGateway(shop.db, {
      ...life,
      startedAt: NOON,
      url: 'http://127.0.0.1:7008',
      pid: 1,
      now: NOON,
      leaseMs: BUCKETS * 60_000 - 1,
    });
  }
  return shop;
}

/** Stages the batches of a bucket and lets every gateway declare it. */
async function deliver(
  shop: Workshop,
  n: number,
  batches: AnyBatch[],
  numbers: Map<string, number>,
): Promise<void> {
  const declared = LIVES.map(() => ({ lastBatch: 0, events: 0 }));
  for (const batch of batches) {
    const bucket = receivedIn(n, batch);
    const key = `${batch.life} ${bucket}`;
    const number = (numbers.get(key) ?? 0) + 1;
    numbers.set(key, number);
    await shop.stage({
      ...LIVES[batch.life],
      bucket: bucketAt(bucket),
      batch: number,
      schemaVersion: batch.schemaVersion,
      now: bucketAt(n).start,
      events: batch.events.map(each => toStored(each, bucket)),
    });
    if (bucket === n) {
      declared[batch.life].lastBatch = number;
      declared[batch.life].events += batch.events.length;
    }
  }
  for (const [life, { lastBatch, events }] of declared.entries()) {
    await declareBucket(shop.db, {
      ...LIVES[life],
      bucket: bucketAt(n),
      counts:
        lastBatch > 0
          ? [{ eventType: TYPE, lastBatch, abandonedBatches: [], events }]
          : [],
    });
  }
}

/**
 * Batches in the order in which sealing reads them: by file, and all of one
 * schema version before those of the next.
 */
async function readingOrder(shop: Workshop, n: number, batches: AnyBatch[]) {
  const files = await shop
    .db('staged_batches')
    .where({ landing_start: bucketAt(n).start })
    .orderBy(['staged_file', 'offset_bytes'])
    .pluck('message_id');
  // Files are numbered in the order in which they were staged.
  const staged = [...files].sort((a, b) => Number(a) - Number(b));
  const ordered = files.map(file => batches[staged.indexOf(file)]);
  const versions = [...new Set(ordered.map(each => each.schemaVersion))];
  return versions.flatMap(version =>
    ordered.filter(each => each.schemaVersion === version),
  );
}

/** Counts fate by fate, with maps and sets instead of SQL. */
async function countNaively(shop: Workshop, delivery: AnyBatch[][]) {
  const counted = new Map<string, Counted>();
  const deliveredBefore = new Set<string>();
  for (const [n, batches] of delivery.entries()) {
    const copies = new Map<string, { batch: AnyBatch; of: AnyEvent }[]>();
    for (const batch of await readingOrder(shop, n, batches)) {
      for (const of of batch.events) {
        const content = JSON.stringify([of.id, of.n, of.castable]);
        const known = copies.get(content) ?? [];
        copies.set(content, [...known, { batch, of }]);
      }
    }
    for (const [content, all] of copies) {
      const receivedAt = ({ batch, of }: (typeof all)[number]) =>
        receivedIn(n, batch) * 60 + of.second;
      // Stable: what is left equal stays in the order of reading.
      const [first, ...rest] = all.sort(
        (a, b) =>
          receivedAt(a) - receivedAt(b) ||
          (a.of.sequence ?? 9) - (b.of.sequence ?? 9),
      );
      const count = (
        { batch, of }: typeof first,
        fate: 'delivered' | 'duplicates' | 'refused',
      ) => {
        const { gateway, epoch } = LIVES[batch.life];
        const key = JSON.stringify([gateway, epoch, receivedIn(n, batch)]);
        const line = counted.get(key) ?? {
          accepted: 0,
          delivered: 0,
          duplicates: 0,
          refused: 0,
          accepted_sum: '0',
          delivered_sum: '0',
          duplicates_sum: '0',
          refused_sum: '0',
        };
        for (const term of ['accepted', fate] as const) {
          line[term] += 1;
          line[`${term}_sum`] = addToSum(
            BigInt(line[`${term}_sum`]),
            keyHash(of.id),
          ).toString();
        }
        counted.set(key, line);
      };
      if (!first.of.castable) {
        count(first, 'refused');
      } else if (deliveredBefore.has(content)) {
        count(first, 'duplicates');
      } else {
        count(first, 'delivered');
        deliveredBefore.add(content);
      }
      rest.forEach(copy => count(copy, 'duplicates'));
    }
  }
  return Object.fromEntries([...counted].sort());
}

async function readCounted(shop: Workshop): Promise<Record<string, Counted>> {
  const { rows } = await shop.db.raw<{
    rows: (Counted & { gateway: string; epoch: string; start: Date })[];
  }>(
    `SELECT gateway, epoch, receive_start AS start,
       sum(accepted)::integer AS accepted, sum(delivered)::integer AS delivered,
       sum(duplicates)::integer AS duplicates, sum(refused)::integer AS refused,
       mod(sum(accepted_sum), 18446744073709551616) AS accepted_sum,
       mod(sum(delivered_sum), 18446744073709551616) AS delivered_sum,
       mod(sum(duplicates_sum), 18446744073709551616) AS duplicates_sum,
       mod(sum(refused_sum), 18446744073709551616) AS refused_sum
     FROM partition_fates GROUP BY gateway, epoch, receive_start`,
  );
  return Object.fromEntries(
    rows
      .map(({ gateway, epoch, start, ...counted }): [string, Counted] => [
        JSON.stringify([
          gateway,
          epoch,
          (start.getTime() - NOON.getTime()) / 60_000,
        ]),
        counted,
      ])
      .sort(),
  );
}

describe('the fates of any batches of any gateways', () => {
  it('are those of a count one by one, in whatever shards and after whatever crash', async () => {
    const seen = { duplicates: 0, refused: 0, mixed: 0 };
    await fc.assert(
      fc.asyncProperty(
        anyDelivery,
        // From one shard for everything to several for a few events.
        fc.constantFrom(1e9, 400, 150),
        fc.constantFrom(undefined, 'counted', 'marked', 'published'),
        async (delivery, shardBytes, diesAfter) => {
          const shop = await open();
          const numbers = new Map<string, number>();
          for (const [n, batches] of delivery.entries()) {
            await deliver(shop, n, batches, numbers);
            if (diesAfter) {
              const dying = shop.sealer({
                shardBytes,
                onStep: step => {
                  if (step === diesAfter) {
                    throw new Error(`died after ${step}`);
                  }
                },
              });
              await dying.runOnce();
              await dying.close();
            }
            const written = diesAfter && (await readCounted(shop));
            const sealer = shop.sealer({ shardBytes });
            expect(await sealer.runOnce()).toMatchObject({ failed: 0 });
            await sealer.close();
            // What the first attempt wrote, the next one writes again.
            expect(await readCounted(shop)).toMatchObject(written ?? {});
          }

          const expected = await countNaively(shop, delivery);
          expect(await readCounted(shop)).toEqual(expected);
          expect(await askOracle(shop)).toMatchObject({ fates: [] });
          const report = await checkBalance(shop.db, RANGE);
          expect(report.unbalanced).toEqual([]);

          const lines = await listGatewayLines(shop.db, { ...RANGE, limit: 9 });
          for (const { gateway, epoch, ...line } of lines) {
            const own = Object.entries(expected)
              .filter(([key]) =>
                key.startsWith(
                  `${JSON.stringify([gateway, epoch]).slice(0, -1)},`,
                ),
              )
              .map(([, counted]) => counted);
            const sum = (
              of: 'accepted' | 'delivered' | 'duplicates' | 'refused',
            ) => own.reduce((total, each) => total + each[of], 0);
            expect(line).toMatchObject({
              accepted: sum('accepted'),
              delivered: sum('delivered'),
              duplicates: sum('duplicates'),
              refused: sum('refused'),
              staged: 0,
              difference: 0,
            });
          }
          seen.duplicates += report.total.duplicates;
          seen.refused += report.total.refused;
          seen.mixed += lines.length > 1 ? 1 : 0;
        },
      ),
      { numRuns: 12 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});

describe('the oracle', () => {
  const alike = (id: string, second: number): AnyEvent => ({
    id,
    n: 1,
    castable: true,
    second,
  });

  /** Two gateways with four events each, three of which both have. */
  async function sealTwo(): Promise<Workshop> {
    const shop = await open();
    const batch = { late: 0, schemaVersion: 2 };
    await deliver(
      shop,
      0,
      [
        {
          ...batch,
          life: 0,
          events: [
            alike('a', 0),
            alike('b', 0),
            alike('c', 5),
            { ...alike('bad', 0), castable: false },
          ],
        },
        {
          ...batch,
          life: 2,
          events: [alike('a', 1), alike('b', 1), alike('c', 1), alike('d', 0)],
        },
      ],
      new Map(),
    );
    expect(await shop.sealer().runOnce()).toMatchObject({ failed: 0 });
    return shop;
  }

  const fatesOf = (shop: Workshop, gateway: string) =>
    shop.db('partition_fates').where({ gateway });

  it('counts the same from batches and files', async () => {
    const shop = await sealTwo();
    await expect(fatesOf(shop, 'g-1')).resolves.toMatchObject([
      { accepted: '4', delivered: '2', duplicates: '1', refused: '1' },
    ]);
    await expect(fatesOf(shop, 'g-2')).resolves.toMatchObject([
      { accepted: '4', delivered: '2', duplicates: '2', refused: '0' },
    ]);
    await expect(askOracle(shop)).resolves.toEqual({
      partitions: 1,
      fates: [],
      books: [],
    });
  });

  it('finds the fates of two gateways exchanged, which no sum can show', async () => {
    const shop = await sealTwo();
    await fatesOf(shop, 'g-1').update({ gateway: 'g-3' });
    await fatesOf(shop, 'g-2').update({ gateway: 'g-1' });
    await fatesOf(shop, 'g-3').update({ gateway: 'g-2' });
    await expect(checkBalance(shop.db, RANGE)).resolves.toMatchObject({
      unbalanced: [],
    });
    const { fates } = await askOracle(shop);
    for (const [gateway, kept, counted] of [
      ['g-1', 0, 1],
      ['g-2', 1, 0],
    ]) {
      expect(fates).toContainEqual(
        expect.stringMatching(
          `keeps ${kept} refused of ${gateway} .*, and ${counted} were counted`,
        ),
      );
      expect(fates).toContainEqual(
        expect.stringMatching(`another sum of keys of ${gateway} `),
      );
    }
  });

  it('finds an event with another fate, at its gateway', async () => {
    const shop = await sealTwo();
    await fatesOf(shop, 'g-2').update({
      delivered: 1,
      duplicates: 3,
      delivered_sum: 0,
      duplicates_sum: shop.db.ref('accepted_sum'),
    });
    const { fates } = await askOracle(shop);
    expect(fates).toEqual([
      expect.stringMatching(/keeps 1 delivered of g-2 .*, and 2 were/),
      expect.stringMatching(/keeps 3 duplicates of g-2 .*, and 2 were/),
    ]);
  });

  it('finds a gateway whose fates are missing', async () => {
    const shop = await sealTwo();
    await fatesOf(shop, 'g-2').delete();
    expect((await askOracle(shop)).fates).toEqual([
      expect.stringMatching(/keeps nothing of g-2 .*, and 4 of its events/),
    ]);
  });
});
