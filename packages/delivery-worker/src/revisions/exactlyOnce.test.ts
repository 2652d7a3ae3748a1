import fc from 'fast-check';
import { readManifest, readRows } from '@millrace/lake';
import {
  checkBalance,
  getPartition,
  LedgerError,
  RevisionKind,
} from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../sealer/__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from '../sealer/__testUtils__/workshop';
import { hashesOf, seal } from './__testUtils__/deliveries';
import {
  approve,
  ask,
  noMoreWaiting,
  operation,
  read,
  revise,
  TYPE,
} from './__testUtils__/operations';
import { ReviserStep } from './steps';

jest.setTimeout(120_000);

const BUCKETS = 4;
const STEPS: ReviserStep[] = [
  'begun',
  'sealed',
  'placed',
  'prepared',
  'published',
  'committed',
];
const workshop = useWorkshop();

const anyEvent = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  n: fc.constantFrom(1, 2),
  castable: fc.boolean(),
  second: fc.integer({ min: 0, max: 59 }),
});
const anyBatch = fc.record({
  events: fc.array(anyEvent, { minLength: 1, maxLength: 5 }),
  /** By how many buckets it comes too late. */
  late: fc.constantFrom(0, 0, 1, 2),
});
const anyDelivery = fc.array(fc.array(anyBatch, { maxLength: 3 }), {
  minLength: BUCKETS,
  maxLength: BUCKETS,
});
const anyOperation = fc.record({
  kind: fc.constantFrom<RevisionKind>('redeliver', 'reshuffle', 'reseal'),
  buckets: fc.uniqueArray(fc.integer({ min: 0, max: BUCKETS - 1 }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** After which bucket was sealed. */
  after: fc.integer({ min: 0, max: BUCKETS - 1 }),
  dies: fc.option(fc.constantFrom(...STEPS)),
  merges: fc.boolean(),
});

type AnyOperation = typeof anyOperation extends fc.Arbitrary<infer T>
  ? T
  : never;
type AnyBatch = typeof anyBatch extends fc.Arbitrary<infer T> ? T : never;

async function stage(
  shop: Workshop,
  received: number,
  batch: number,
  { events }: AnyBatch,
  now: number,
) {
  await shop.stage({
    bucket: bucketAt(received),
    batch,
    now: bucketAt(now).start,
    events: events.map(({ id, n, castable, second }) =>
      event(id, castable ? { n } : { n, at: 'never' }, {
        receivedAt: new Date(
          bucketAt(received).start.getTime() + second * 1000,
        ).toISOString(),
      }),
    ),
  });
}

/** Asks, previews, approves and runs, with a worker that dies on the way. */
async function operate(
  shop: Workshop,
  { kind, buckets, dies, merges }: AnyOperation,
  id: string,
): Promise<void> {
  try {
    await ask(shop, kind, buckets, id);
  } catch (error) {
    const codes = ['nothing_to_reshuffle', 'partition_not_sealed'];
    expect(codes).toContain((error as LedgerError).code);
    return;
  }
  await revise(shop);
  await approve(shop, id);
  if (dies) {
    await revise(shop, {
      onStep: step => {
        if (step === dies) throw new Error(`died after ${dies}`);
      },
    });
    await noMoreWaiting(shop);
  }
  if (merges) {
    await shop.idUpkeep()();
  }
  await revise(shop);
  const done = await read(shop, id);
  expect(done).toMatchObject({ state: 'done' });
  const sum = (when: 'before' | 'after') =>
    done.changes.reduce((all, change) => all + change[when]!.accepted, 0);
  expect(sum('after')).toBe(sum('before'));
  for (const { before, after } of done.changes) {
    if (kind === 'redeliver') {
      expect(after).toEqual(before);
    }
  }
}

interface LiveRow {
  bucket: number;
  id: string;
  content: string;
  isMarked: boolean;
}

async function liveRows(shop: Workshop): Promise<LiveRow[]> {
  const all: LiveRow[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const live = await getPartition(shop.db, {
      eventType: TYPE,
      bucketStart: bucketAt(bucket).start,
    });
    const path = shop.pathOf(bucket, TYPE, live!.revision);
    const manifest = await readManifest(shop.store, path);
    expect(manifest!.counts).toMatchObject({
      accepted: live!.accepted,
      delivered: live!.delivered,
    });
    const { rows, columns } = await readRows(shop.store, { path, limit: 1000 });
    const at = (name: string) =>
      columns.findIndex(column => column.name === name);
    all.push(
      ...rows.map(row => ({
        bucket,
        id: String(row[at('_id')]),
        content: `${row[at('_id')]} ${row[at('n')]}`,
        isMarked: row[at('_id_conflict')] === true,
      })),
    );
  }
  return all;
}

describe('any operations on any buckets, with workers dying at any step', () => {
  it('leave every event delivered once, every id counting that is delivered, and the books at zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDelivery,
        fc.array(anyOperation, { minLength: 1, maxLength: 4 }),
        async (delivery, operations) => {
          await workshop().reset();
          const shop = workshop();
          await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
          await shop.gateway(
            'g',
            new Date(bucketAt(BUCKETS).start.getTime() - 1),
          );
          let operated = 0;
          let published: Record<string, string> = {};
          for (let n = 0; n < BUCKETS; n++) {
            // Those of earlier buckets that come now, too late.
            for (let received = 0; received <= n; received++) {
              for (const [index, batch] of delivery[received].entries()) {
                const arrives = Math.min(received + batch.late, BUCKETS - 1);
                if (arrives === n) {
                  await stage(shop, received, index + 1, batch, n);
                }
              }
            }
            const inTime = delivery[n].filter(
              ({ late }) => Math.min(n + late, BUCKETS - 1) === n,
            );
            // What comes late was given up by its gateway.
            const abandoned = delivery[n].flatMap((batch, index) =>
              inTime.includes(batch) ? [] : [index + 1],
            );
            await shop.declare(
              bucketAt(n),
              { [TYPE]: delivery[n].length },
              'g',
              inTime.flatMap(({ events }) => events).length,
              abandoned,
            );
            await seal(shop);
            for (const one of operations.filter(({ after }) => after === n)) {
              operated += 1;
              await operate(shop, one, operation(operated));
              const now = Object.fromEntries(
                // Files of ids go when they are merged.
                Object.entries(await hashesOf(shop)).filter(
                  ([key]) => !key.endsWith('.ids'),
                ),
              );
              expect(now).toMatchObject(published);
              published = now;
            }
          }
          await seal(shop);

          const rows = await liveRows(shop);
          const castable = delivery
            .flat()
            .flatMap(({ events }) => events)
            .filter(one => one.castable)
            .map(({ id, n }) => `${id} ${n}`);
          expect(rows.map(({ content }) => content).sort()).toEqual(
            [...new Set(castable)].sort(),
          );
          const unmarked = rows.filter(({ isMarked }) => !isMarked);
          const ids = unmarked.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect((await shop.idsThatCount()).sort()).toEqual(
            rows.map(({ bucket }) => bucket).sort(),
          );
          const books = await checkBalance(shop.db, {
            eventType: TYPE,
            from: bucketAt(0).start,
            to: bucketAt(BUCKETS).start,
          });
          expect(books.unbalanced).toEqual([]);
          expect(books.total).toMatchObject({
            accepted: delivery.flat().flatMap(({ events }) => events).length,
            delivered: rows.length,
            staged: 0,
          });
        },
      ),
      { numRuns: 15 },
    );
  }, 600_000);
});
