import {
  beginSealing,
  commitPartition,
  findBucketBefore,
  forceClosing,
  getPartition,
  listBuckets,
  listPartitionRevisions,
  listPartitions,
  listSpanLines,
  recordStagedBatches,
  recordWaitingBuckets,
  summarizeDelivery,
  summarizeSpans,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
  idsOf,
  minutes,
  provision,
  sealBucket,
  SHA256,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { BUCKET_BEFORE_SQL } from './findBucketBefore';
import { LIST_BUCKETS_SQL } from './listBuckets';
import { SPANS_SQL } from './summarizeSpans';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const RANGE = { eventType, from: minutes(-60), to: minutes(60) };

describe('buckets and their stages', () => {
  const ledger = useLedger();

  async function stage(n: number, events: number, batch = 1) {
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket: bucketAt(n), events, batch })],
      now: minutes(n),
    });
  }

  /** A later revision of a sealed bucket takes the place of the one before. */
  async function revise(n: number, sealedAt: Date) {
    await ledger().raw(
      `WITH old AS (
         UPDATE partitions SET superseded_at = :sealedAt
         WHERE bucket_start = :start AND superseded_at IS NULL
           AND state = 'sealed' RETURNING *
       )
       INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at, first_sealed_at,
         accepted, delivered, duplicates, manifest_path, manifest_sha256)
       SELECT event_type, bucket_start, bucket_seconds, bucket_end,
         revision + 1, 'sealed', '{}', :sealedAt,
         coalesce(first_sealed_at, sealed_at), accepted, delivered - 1,
         duplicates + 1, manifest_path, manifest_sha256 FROM old`,
      { start: minutes(n), sealedAt },
    );
  }

  it('are recorded at the commit, each by the clock that saw it', async () => {
    await stage(0, 10, 1);
    await stage(0, 10, 2);
    await ledger()('staged_batches')
      .where({ batch: 2 })
      .update({ published_at: minutes(1.2) });
    const fencingToken = await claimSealLease(ledger(), eventType);
    const { partitionId } = await beginSealing(ledger(), {
      eventType,
      bucket: bucketAt(0),
      fencingToken,
      decision: {},
    });
    const [batch] = await ledger()('staged_batches').where({ batch: 2 });
    const [partition] = await ledger()('partitions');
    await commitPartition(ledger(), {
      partitionId,
      fencingToken,
      counts: {
        accepted: 20,
        delivered: 20,
        duplicates: 0,
        refused: 0,
        conflicts: 0,
        skewed: 0,
      },
      files: [],
      manifest: { path: 'm/manifest.json', sha256: SHA256 },
      ids: await idsOf(ledger(), { path: 'a.ids', rows: 20 }),
      refusedAtSealing: [],
      lastReceivedAt: minutes(0.9),
      sealedAt: minutes(2),
    });
    const found = await getPartition(ledger(), {
      eventType,
      bucketStart: minutes(0),
    });
    expect(found?.latenessMs).toBe(60_000);
    expect(found?.stages).toEqual({
      lastReceivedAt: minutes(0.9),
      lastPublishedAt: minutes(1.2),
      lastStagedAt: batch.recorded_at,
      closedAt: partition.began_at,
      sealedAt: minutes(2),
    });
  });

  it('are not there before a bucket is sealed, and nothing is made up for what was not recorded', async () => {
    await stage(0, 10);
    await sealBucket(ledger(), { eventType, bucket: bucketAt(0) });
    await ledger()('partitions').update({
      last_published_at: null,
      last_staged_at: null,
    });
    const fencingToken = await claimSealLease(ledger(), 'page.left');
    await beginSealing(ledger(), {
      eventType: 'page.left',
      bucket: bucketAt(0),
      fencingToken,
      decision: {},
    });
    const stagesOf = async (type: string) =>
      (
        await listBuckets(ledger(), { ...RANGE, eventType: type, limit: 9 })
      ).map(({ stages }) => stages);
    await expect(stagesOf('page.left')).resolves.toEqual([undefined]);
    await expect(stagesOf(eventType)).resolves.toEqual([
      {
        lastReceivedAt: undefined,
        lastPublishedAt: undefined,
        lastStagedAt: undefined,
        closedAt: expect.any(Date),
        sealedAt: new Date(minutes(1).getTime() + 2_000),
      },
    ]);
  });

  it('keep the lateness and the stages of the first delivery through revisions', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    await stage(0, 10);
    await sealBucket(ledger(), {
      eventType,
      bucket: bucketAt(0),
      sealedAt: minutes(1.5),
    });
    const first = await getPartition(ledger(), {
      eventType,
      bucketStart: minutes(0),
    });
    await revise(0, minutes(600));
    await revise(0, minutes(900));

    const [live, ...others] = await listBuckets(ledger(), {
      ...RANGE,
      limit: 9,
    });
    expect(others).toEqual([]);
    expect(live).toMatchObject({
      revision: 3,
      sealedAt: minutes(900),
      supersededAt: undefined,
      latenessMs: 30_000,
      delivered: 8,
      stages: first?.stages,
    });
    await expect(
      listPartitions(ledger(), { eventType, limit: 9, includeEmpty: true }),
    ).resolves.toMatchObject([{ revision: 3, latenessMs: 30_000 }]);
    const [summary] = await summarizeDelivery(ledger(), {
      since: minutes(-60),
      recent: 5,
    });
    expect(summary).toMatchObject({
      accepted: 10,
      delivered: 8,
      lateness: { maxMs: 30_000 },
      recent: [{ revision: 3, latenessMs: 30_000 }],
    });
  });

  it('have their revisions in order, of which the live one is the default', async () => {
    await stage(0, 10);
    await sealBucket(ledger(), { eventType, bucket: bucketAt(0) });
    await revise(0, minutes(600));
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision)
       SELECT event_type, bucket_start, bucket_seconds, bucket_end, 3,
         'sealing', '{}' FROM partitions WHERE revision = 1`,
    );
    const key = { eventType, bucketStart: minutes(0) };
    const revisions = await listPartitionRevisions(ledger(), key);
    expect(
      revisions.map(({ revision, state, supersededAt, delivered }) => [
        revision,
        state,
        supersededAt,
        delivered,
      ]),
    ).toEqual([
      [1, 'sealed', minutes(600), 10],
      [2, 'sealed', undefined, 9],
      [3, 'sealing', undefined, 0],
    ]);
    const revisionOf = async (revision?: number) =>
      (await getPartition(ledger(), { ...key, revision }))?.revision;
    await expect(revisionOf()).resolves.toBe(2);
    await expect(revisionOf(1)).resolves.toBe(1);
    await expect(revisionOf(3)).resolves.toBe(3);
    await expect(revisionOf(9)).resolves.toBeUndefined();
  });

  it('know when they were closed by force, also once they are revised', async () => {
    for (const n of [0, 1, 2]) {
      await recordWaitingBuckets(ledger(), {
        worker: 'w',
        buckets: [{ eventType, bucket: bucketAt(n), decision: {} }],
      });
    }
    for (const n of [0, 1]) {
      await forceClosing(ledger(), {
        eventType,
        bucketStart: minutes(n),
        reason: 'it will not come',
        requestedBy: 'user:default/platform',
      });
    }
    for (const n of [0, 1, 2]) {
      await stage(n, 10);
      await sealBucket(ledger(), { eventType, bucket: bucketAt(n) });
    }
    // The order for the second one came to nothing: the rule closed it.
    await ledger()('partitions')
      .where({ bucket_start: minutes(0) })
      .update({ decision: JSON.stringify({ rule: 'forced' }) });
    await revise(0, minutes(600));
    const forced = async () =>
      (await listBuckets(ledger(), { ...RANGE, limit: 9 })).map(
        ({ isForced }) => isForced,
      );
    await expect(forced()).resolves.toEqual([false, false, true]);
    await expect(
      summarizeSpans(ledger(), { ...RANGE, seconds: 3600, objectiveMs: 1 }),
    ).resolves.toMatchObject([{ sealed: 3, forced: 1, revised: 1 }]);
  });

  it('are counted by span, with the lateness of their first delivery', async () => {
    for (const [n, seconds, events] of [
      [-30, 5, 10],
      [0, 10, 10],
      [1, 70, 10],
      [2, 20, 0],
    ]) {
      const bucket = bucketAt(n);
      if (events > 0) {
        await stage(n, events);
      }
      await sealBucket(ledger(), {
        eventType,
        bucket,
        sealedAt: new Date(bucket.start.getTime() + (60 + seconds) * 1000),
      });
    }
    await expect(
      summarizeSpans(ledger(), {
        ...RANGE,
        seconds: 3600,
        objectiveMs: 60_000,
      }),
    ).resolves.toEqual([
      {
        start: minutes(0),
        sealed: 3,
        sealing: 0,
        late: 1,
        empty: 1,
        revised: 0,
        forced: 0,
        lateness: { medianMs: 20_000, maxMs: 70_000 },
        skewed: 0,
        conflicts: 0,
        bytes: 1000,
      },
      expect.objectContaining({
        start: minutes(-60),
        sealed: 1,
        late: 0,
        lateness: { medianMs: 5_000, maxMs: 5_000 },
      }),
    ]);
  });

  it('have lines that add up by span', async () => {
    for (const [n, events] of [
      [-30, 5],
      [0, 10],
      [59, 20],
    ]) {
      await stage(n, events);
    }
    const lines = await listSpanLines(ledger(), { ...RANGE, seconds: 3600 });
    expect(lines).toMatchObject([
      { start: minutes(-60), buckets: 1, accepted: 5, staged: 5 },
      { start: minutes(0), buckets: 2, accepted: 30, staged: 30 },
    ]);
  });

  it('are found from any instant backwards, over any silence', async () => {
    await stage(0, 10);
    await sealBucket(ledger(), { eventType, bucket: bucketAt(0) });
    await sealBucket(ledger(), { eventType: 'other', bucket: bucketAt(5) });
    await stage(9, 10);
    const before = (n: number) =>
      findBucketBefore(ledger(), { eventType, before: minutes(n) });
    await expect(before(500_000)).resolves.toEqual(minutes(9));
    await expect(before(9)).resolves.toEqual(minutes(0));
    await expect(before(0)).resolves.toBeUndefined();
  });

  it('are read along the indexes, and in no more than the range', async () => {
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT 'type-' || t, at, 60, at + interval '1 minute', 1, 'sealed',
         '{}', at + interval '2 minutes'
       FROM generate_series(1, 20) AS t, generate_series(
         timestamptz '2026-01-01', '2026-01-03', interval '1 minute') AS at;
       ANALYZE`,
    );
    const bindings = {
      eventType: 'type-7',
      from: new Date('2026-01-02T00:00:00Z'),
      to: new Date('2026-01-02T01:00:00Z'),
      before: new Date('2026-01-02T01:00:00Z'),
      seconds: 3600,
      objectiveMs: 1,
      limit: 60,
    };
    const key = 'partitions_event_type_bucket_start_revision_key';
    for (const sql of [LIST_BUCKETS_SQL, SPANS_SQL, BUCKET_BEFORE_SQL]) {
      const plan = await explain(ledger(), sql, bindings);
      expect(plan).toContain(key);
      expect(plan).not.toMatch(/"Seq Scan"[^}]*"partitions"/);
      // Every reading is bounded by type and time, not by type alone.
      expect(plan).toMatch(/"Index Cond":"[^"]*'type-7'[^"]*bucket_start < /);
    }
  });
});
