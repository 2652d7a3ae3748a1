import { TestDatabases } from '@backstage/backend-test-utils';
import {
  beginSealing,
  claimLease,
  forceClosing,
  migrateLedger,
  recordStagedBatches,
  recordWaitingBuckets,
  sealResource,
} from '@millrace/ledger';
import type { LedgerPage, LedgerRow } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { LedgerReader } from './LedgerReader';

jest.setTimeout(60_000);

const TYPE = 'shop.order';
/** In the middle of a minute. */
const NOW = new Date('2026-11-21T12:30:20Z');
const OBJECTIVE_MS = 60_000;

const minute = (text: string) => new Date(`2026-11-21T${text}:00Z`);

describe('the ledger of an event type', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;

  beforeAll(async () => {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
    await ledger('books').delete();
  });
  afterEach(async () => {
    await ledger.raw(`TRUNCATE partitions, staged_batches, gateway_bucket_counts,
      gateway_buckets, partition_arrivals, partition_fates, waiting_buckets,
      forced_closings, leases CASCADE`);
  });

  const reader = (bucketSeconds = 60) =>
    new LedgerReader({ ledger, bucketSeconds, now: () => NOW });

  const page = (
    request: Omit<
      Parameters<LedgerReader['page']>[0],
      'eventType' | 'objectiveMs'
    > = {},
    bucketSeconds = 60,
  ): Promise<LedgerPage> =>
    reader(bucketSeconds).page({
      eventType: TYPE,
      objectiveMs: OBJECTIVE_MS,
      ...request,
    });

  /**
   * Declares and seals buckets of a range with the books of a sealing: of ten
   * events each, seven delivered, two duplicates, one refused.
   */
  async function seal(
    from: Date,
    to: Date,
    options: { seconds?: number; latenessSeconds?: number } = {},
  ) {
    const { seconds = 60, latenessSeconds = 5 } = options;
    await ledger.raw(
      `WITH bucket AS (
         SELECT start FROM generate_series(:from::timestamptz,
           :to::timestamptz - interval '1 second',
           :seconds * interval '1 second') AS start
       ),
       alive AS (
         INSERT INTO gateway_buckets (gateway, epoch, bucket_start, bucket_seconds)
         SELECT 'g', 'e', start, :seconds FROM bucket
       ),
       declared AS (
         INSERT INTO gateway_bucket_counts (gateway, epoch, bucket_start,
           event_type, last_batch, events)
         SELECT 'g', 'e', start, :type, 1, 10 FROM bucket
       ),
       sealed AS (
         INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
           bucket_end, revision, state, decision, began_at, sealed_at, accepted,
           delivered, duplicates, refused, bytes, manifest_path,
           manifest_sha256, last_published_at, last_staged_at)
         SELECT :type, start, :seconds, ends, 1, 'sealed', '{}', ends,
           ends + :lateness * interval '1 second', 10, 7, 2, 1, 100, 'm', 's',
           start, start
         FROM bucket, LATERAL (
           SELECT start + :seconds * interval '1 second' AS ends) e
         RETURNING partition_id, bucket_start
       ),
       arrived AS (
         INSERT INTO partition_arrivals (partition_id, event_type,
           receive_start, gateway, epoch, batches, events)
         SELECT partition_id, :type, bucket_start, 'g', 'e', 1, 10 FROM sealed
       )
       INSERT INTO partition_fates (partition_id, event_type, receive_start,
         accepted, delivered, duplicates, refused, accepted_sum, delivered_sum,
         duplicates_sum, refused_sum)
       SELECT partition_id, :type, bucket_start, 10, 7, 2, 1, 0, 0, 0, 0
       FROM sealed`,
      { type: TYPE, from, to, seconds, lateness: latenessSeconds },
    );
  }

  async function stage(start: Date, events: number) {
    await recordStagedBatches(ledger, {
      batches: [
        {
          header: {
            gateway: 'g',
            epoch: 'staged',
            eventType: TYPE,
            schemaVersion: 1,
            bucket: { start, seconds: 60 },
            batch: 1,
            events,
            bytes: 10,
          },
          stagedFile: '/staging/f',
          offsetBytes: 0,
          lengthBytes: 10,
          publishedAt: start,
          messageId: start.toISOString(),
        },
      ],
      now: start,
    });
  }

  const times = (rows: LedgerRow[]) =>
    rows.map(({ start }) => start.slice(11, 16));

  it('says of each bucket where it is on its way, when it is expected, and why it waits', async () => {
    await seal(minute('12:22'), minute('12:25'));
    await seal(minute('12:25'), minute('12:26'), { latenessSeconds: 90 });
    await stage(minute('12:27'), 3);
    await recordWaitingBuckets(ledger, {
      worker: 'w',
      buckets: [
        {
          eventType: TYPE,
          bucket: { start: minute('12:26'), seconds: 60 },
          decision: {
            reasons: [{ code: 'batches_missing', message: 'one is missing' }],
          },
        },
      ],
    });
    await forceClosing(ledger, {
      eventType: TYPE,
      bucketStart: minute('12:26'),
      reason: 'it will not come',
      requestedBy: 'user:default/platform',
    });
    const lease = await claimLease(ledger, {
      resource: sealResource(TYPE),
      holder: 'test',
      leaseMs: 60_000,
    });
    await beginSealing(ledger, {
      eventType: TYPE,
      bucket: { start: minute('12:27'), seconds: 60 },
      fencingToken: lease!.fencingToken,
      decision: {},
    });
    await stage(minute('12:29'), 4);
    await stage(minute('12:30'), 5);

    const { items, unit, nextBefore, bucketSeconds } = await page();
    expect({ unit, nextBefore, bucketSeconds }).toEqual({
      unit: 'bucket',
      nextBefore: undefined,
      bucketSeconds: 60,
    });
    expect(
      items.map(({ start, bucket, line }) => [
        start.slice(11, 16),
        bucket?.state,
        bucket?.isLate,
        bucket?.isForced,
        line.accepted,
        line.inFlight.total,
        line.difference,
      ]),
    ).toEqual([
      ['12:30', 'open', false, false, 5, 5, 0],
      ['12:29', 'unseen', false, false, 4, 4, 0],
      ['12:27', 'sealing', true, false, 3, 3, 0],
      ['12:26', 'waiting', true, true, 0, 0, 0],
      ['12:25', 'sealed', true, false, 10, 0, 0],
      ['12:24', 'sealed', false, false, 10, 0, 0],
      ['12:23', 'sealed', false, false, 10, 0, 0],
      ['12:22', 'sealed', false, false, 10, 0, 0],
    ]);
    expect(items[3].bucket).toMatchObject({
      expectedBy: '2026-11-21T12:28:00.000Z',
      waiting: {
        since: expect.any(String),
        reasons: [{ code: 'batches_missing', message: 'one is missing' }],
      },
    });
    expect(items[4]).toMatchObject({
      end: '2026-11-21T12:26:00.000Z',
      line: {
        delivered: 7,
        duplicates: 2,
        refused: 1,
        completeness: 0.9,
        isDeclared: true,
      },
      buckets: { sealed: 1, late: 1, empty: 0, sealing: 0, waiting: 0 },
      lateness: { medianMs: 90_000, maxMs: 90_000 },
      bucket: {
        expectedBy: '2026-11-21T12:27:00.000Z',
        partition: { revision: 1, latenessMs: 90_000, delivered: 7 },
        stages: {
          shares: [
            { stage: 'publish', ms: 0 },
            { stage: 'stage', ms: 0 },
            { stage: 'close', ms: 0 },
            { stage: 'seal', ms: 90_000 },
          ],
        },
      },
    });
  });

  it('adds the same buckets up by hour and by day', async () => {
    await seal(minute('09:58'), minute('10:03'));
    await seal(minute('10:03'), minute('10:04'), { latenessSeconds: 120 });
    await seal(
      new Date('2026-11-20T23:59:00Z'),
      new Date('2026-11-21T00:01:00Z'),
    );
    const hours = await page({ by: 'hour' });
    expect(
      hours.items.map(({ start, line, buckets, lateness }) => [
        start.slice(0, 16),
        line.accepted,
        buckets.sealed,
        buckets.late,
        lateness?.maxMs,
      ]),
    ).toEqual([
      ['2026-11-21T10:00', 40, 4, 1, 120_000],
      ['2026-11-21T09:00', 20, 2, 0, 5_000],
      ['2026-11-21T00:00', 10, 1, 0, 5_000],
      ['2026-11-20T23:00', 10, 1, 0, 5_000],
    ]);
    const days = await page({ by: 'day' });
    expect(days.items).toEqual([
      expect.objectContaining({
        start: '2026-11-21T00:00:00.000Z',
        end: '2026-11-22T00:00:00.000Z',
        line: {
          accepted: 70,
          delivered: 49,
          duplicates: 14,
          refused: 7,
          inFlight: {
            total: 0,
            staged: 0,
            unreadable: 0,
            notArrived: 0,
            missingBatches: 0,
          },
          difference: 0,
          isDeclared: true,
          completeness: 0.9,
        },
        buckets: {
          sealed: 7,
          late: 1,
          empty: 0,
          revised: 0,
          forced: 0,
          sealing: 0,
          waiting: 0,
        },
        bytes: 700,
      }),
      expect.objectContaining({ start: '2026-11-20T00:00:00.000Z' }),
    ]);
    // Half past twelve to half past twelve: all of both days that there is.
    expect(days.last24h).toMatchObject({
      start: '2026-11-20T12:31:00.000Z',
      end: '2026-11-21T12:31:00.000Z',
      line: { accepted: 80, difference: 0 },
      buckets: { sealed: 8, late: 1 },
      lateness: { medianMs: 5_000, maxMs: 120_000 },
    });
    expect(hours).not.toHaveProperty('last24h', expect.anything());
  });

  it('goes back page by page over any silence, and meets every bucket once', async () => {
    await seal(minute('12:00'), minute('12:10'));
    await seal(
      new Date('2026-03-01T00:00:00Z'),
      new Date('2026-03-01T00:05:00Z'),
    );
    const seen: string[] = [];
    let before: Date | undefined;
    let pages = 0;
    do {
      const { items, nextBefore } = await page({
        by: 'bucket',
        before,
        limit: 4,
      });
      seen.push(
        ...items
          .filter(({ bucket }) => bucket?.state === 'sealed')
          .map(({ start }) => start),
      );
      before = nextBefore === undefined ? undefined : new Date(nextBefore);
      pages += 1;
    } while (before);
    expect(new Set(seen).size).toBe(15);
    expect(seen).toEqual([...seen].sort().reverse());
    expect(seen).toHaveLength(15);
    // Not one page for each minute of the months between.
    expect(pages).toBeLessThan(9);
  });

  it('begins with what is newest when nothing has been sent for long', async () => {
    await seal(
      new Date('2026-03-01T00:00:00Z'),
      new Date('2026-03-01T00:02:00Z'),
    );
    const { items } = await page({ by: 'bucket' });
    expect(items.map(({ start }) => start)).toEqual([
      // The one that is open, and then over half a year of silence.
      '2026-11-21T12:30:00.000Z',
      '2026-03-01T00:01:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
    const days = await page({ by: 'day' });
    expect(days.items).toHaveLength(1);
    expect(days.last24h).toMatchObject({ line: { accepted: 0 } });
  });

  it('keeps to the range it is asked for', async () => {
    await seal(minute('10:00'), minute('12:00'));
    const hour = await page({
      by: 'bucket',
      from: minute('11:00'),
      before: minute('12:00'),
      limit: 200,
    });
    expect(hour.items).toHaveLength(60);
    expect(times([hour.items[0], hour.items[59]])).toEqual(['11:59', '11:00']);
    expect(hour.nextBefore).toBeUndefined();
  });

  it('shows hours where there are many short buckets, and the buckets where there are few', async () => {
    await seal(minute('12:00'), minute('12:10'));
    await expect(page()).resolves.toMatchObject({ unit: 'bucket' });
    await seal(minute('10:00'), minute('10:10'));
    await expect(page()).resolves.toMatchObject({ unit: 'hour' });
    await expect(page({}, 3600)).resolves.toMatchObject({ unit: 'bucket' });
  });

  it('has an open bucket and nothing else for a type of which nothing is known', async () => {
    const { items, nextBefore } = await page();
    expect(times(items)).toEqual(['12:30']);
    expect(items[0]).toMatchObject({
      line: { accepted: 0, difference: 0 },
      bucket: { state: 'open' },
    });
    expect(nextBefore).toBeUndefined();
    await expect(page({ by: 'day' })).resolves.toMatchObject({ items: [] });
  });

  it('takes as many statements for thousands of buckets as for one', async () => {
    const count = async (request: Parameters<typeof page>[0]) => {
      let statements = 0;
      const onQuery = () => {
        statements += 1;
      };
      ledger.on('query', onQuery);
      await page(request);
      ledger.removeListener('query', onQuery);
      return statements;
    };
    const all = async () => [
      await count({ by: 'bucket' }),
      await count({ by: 'hour' }),
      await count({ by: 'day' }),
      await count({}),
    ];
    await seal(minute('12:29'), minute('12:30'));
    const few = await all();
    await seal(
      new Date('2026-11-20T00:00:00Z'),
      new Date('2026-11-21T12:29:00Z'),
    );
    await expect(all()).resolves.toEqual(few);
    expect(Math.max(...few)).toBeLessThan(12);
  });
});
