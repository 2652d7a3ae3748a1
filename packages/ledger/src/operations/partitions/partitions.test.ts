import {
  getPartition,
  listPartitions,
  recordRefusedEvents,
  recordStagedBatches,
  summarizeDelivery,
} from '..';
import {
  bucketAt,
  explain,
  minutes,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { listPartitionsSql } from './listPartitions';

jest.setTimeout(60_000);

describe('reading partitions', () => {
  const ledger = useLedger();

  /** Seals the bucket n minutes after noon with the given number of events. */
  async function seal(n: number, events: number, eventType = 'page.viewed') {
    const bucket = bucketAt(n);
    if (events > 0) {
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ eventType, bucket, events })],
        now: bucket.start,
      });
    }
    await sealBucket(ledger(), {
      eventType,
      bucket,
      sealedAt: minutes(n + 1.1),
    });
  }

  it('lists the newest first, a page at a time, with or without the empty ones', async () => {
    for (const [n, events] of [10, 0, 30, 0, 50].entries()) {
      await seal(n, events);
    }
    await seal(1, 10, 'page.left');
    const list = async (
      options: Omit<Parameters<typeof listPartitions>[1], 'eventType'>,
    ) =>
      (
        await listPartitions(ledger(), { eventType: 'page.viewed', ...options })
      ).map(partition => partition.accepted);

    await expect(list({ limit: 3, includeEmpty: true })).resolves.toEqual([
      50, 0, 30,
    ]);
    await expect(
      list({ limit: 3, includeEmpty: true, before: minutes(2) }),
    ).resolves.toEqual([0, 10]);
    await expect(list({ limit: 9, includeEmpty: false })).resolves.toEqual([
      50, 30, 10,
    ]);
  });

  it('reads a page along the index, without sorting', async () => {
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT 'type-' || t, at, 60, at + interval '1 minute', 1, 'sealed',
         '{}', at + interval '2 minutes'
       FROM generate_series(1, 20) AS t, generate_series(
         timestamptz '2026-01-01', '2026-01-02', interval '1 minute') AS at`,
    );
    await ledger().raw('ANALYZE partitions');
    const plan = await explain(
      ledger(),
      listPartitionsSql({ includeEmpty: true }),
      { eventType: 'type-7', before: 'infinity', limit: 60 },
    );
    expect(plan).toContain('partitions_event_type_bucket_start_revision_key');
    expect(plan).not.toContain('Seq Scan');
    expect(plan).not.toContain('"Sort"');
  });

  it('has no partition where none began', async () => {
    await expect(
      getPartition(ledger(), {
        eventType: 'page.viewed',
        bucketStart: minutes(0),
      }),
    ).resolves.toBeUndefined();
  });

  it('summarises all types, the silent ones too, in a constant number of statements', async () => {
    await provision(ledger(), {
      'page.viewed': 'normal',
      'page.left': 'normal',
      'never.sent': 'low',
    });
    await seal(0, 100);
    await seal(1, 0);
    await seal(2, 50);
    await seal(2, 7, 'page.left');
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket: bucketAt(3), events: 9 })],
      now: minutes(3.5),
    });
    await recordRefusedEvents(ledger(), {
      events: [
        {
          refusalId: uuid(1),
          eventType: 'page.left',
          reason: 'missing_field',
          message: 'missing',
          receivedAt: minutes(2).toISOString(),
          event: '{}',
        },
      ],
    });
    const count = async (eventTypes?: string[]) => {
      let statements = 0;
      const onQuery = () => {
        statements += 1;
      };
      ledger().on('query', onQuery);
      const summary = await summarizeDelivery(ledger(), {
        eventTypes,
        since: minutes(1),
        recent: 2,
      });
      ledger().removeListener('query', onQuery);
      return { statements, summary };
    };

    const all = await count();
    expect(all.summary).toEqual([
      expect.objectContaining({
        eventType: 'never.sent',
        recent: [],
        accepted: 0,
        lateness: undefined,
        lastReceivedAt: undefined,
        inFlight: 0,
      }),
      expect.objectContaining({
        eventType: 'page.left',
        accepted: 7,
        delivered: 7,
        refusedAtGateway: 1,
      }),
      expect.objectContaining({
        eventType: 'page.viewed',
        accepted: 50,
        delivered: 50,
        duplicates: 0,
        refusedAtSealing: 0,
        refusedAtGateway: 0,
        skewed: 0,
        lateness: { p50Ms: 6_000, p99Ms: 6_000, maxMs: 6_000 },
        lastReceivedAt: new Date(minutes(3).getTime() + 1_000),
        inFlight: 9,
      }),
    ]);
    expect(
      all.summary[2].recent.map(partition => partition.bucketStart),
    ).toEqual([minutes(2), minutes(1)]);

    const one = await count(['page.left']);
    expect(one.summary.map(row => row.eventType)).toEqual(['page.left']);
    expect(one.statements).toBe(all.statements);
  });
});
