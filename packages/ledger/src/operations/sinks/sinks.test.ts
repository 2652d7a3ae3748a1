import {
  beginSinkLoad,
  listSinkLoads,
  listSinkWork,
  readDueSinkLoads,
  recordSinkLoad,
  recordStagedBatches,
  registerSink,
} from '..';
import {
  bucketAt,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const SINK = 'bigquery';
const EVENT_TYPE = 'page.viewed';

describe('sinks', () => {
  const ledger = useLedger();
  beforeEach(() => ledger().raw('TRUNCATE sinks, sink_loads'));

  async function seal(n: number, eventType = EVENT_TYPE) {
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ eventType, bucket: bucketAt(n) })],
      now: bucketAt(n).start,
    });
    await sealBucket(ledger(), { eventType, bucket: bucketAt(n) });
  }

  /** A later revision of a bucket, as a correction makes one. */
  async function revise(n: number) {
    await ledger().raw(
      `UPDATE partitions SET superseded_at = now() WHERE bucket_start = ?`,
      [bucketAt(n).start],
    );
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT event_type, bucket_start, bucket_seconds, bucket_end,
         max(revision) + 1, 'sealed', '{}', now()
       FROM partitions WHERE bucket_start = ? GROUP BY 1, 2, 3, 4`,
      [bucketAt(n).start],
    );
  }

  const due = async (eventType = EVENT_TYPE) =>
    await readDueSinkLoads(ledger(), { sink: SINK, eventType, limit: 100 });
  const states = async () =>
    (await ledger()('sink_loads').orderBy(['bucket_start', 'revision'])).map(
      row => row.state,
    );
  const begin = (partitionId: string) =>
    beginSinkLoad(ledger(), { sink: SINK, partitionId, lookAgainMs: 0 });

  it('gets a row for every revision: those sealed before, and those sealed after', async () => {
    await seal(0);
    await expect(registerSink(ledger(), { sink: SINK })).resolves.toEqual({
      caughtUp: 1,
    });
    await seal(1);
    await seal(1, 'page.left');
    await expect(registerSink(ledger(), { sink: SINK })).resolves.toEqual({
      caughtUp: 0,
    });
    await expect(listSinkWork(ledger(), { sink: SINK })).resolves.toEqual(
      expect.arrayContaining([EVENT_TYPE, 'page.left']),
    );
    expect(await due()).toMatchObject([
      { bucketStart: bucketAt(0).start, delivered: 10, state: 'pending' },
      {
        bucketStart: bucketAt(1).start,
        files: [{ name: 'part-00000.parquet', bytes: 500 }],
      },
    ]);
  });

  it('misses no partition that is being committed while the sink becomes known', async () => {
    await Promise.all([
      ...Array.from({ length: 12 }, (_, n) => seal(0, `type-${n}`)),
      registerSink(ledger(), { sink: SINK }),
    ]);
    expect(await states()).toHaveLength(12);
  });

  it('collects nothing for a sink that nobody runs, and catches up when somebody does again', async () => {
    await seal(0);
    expect(await states()).toEqual([]);
    await registerSink(ledger(), { sink: SINK });
    await ledger()('sinks').update({
      seen_at: ledger().raw(`now() - interval '32 days'`),
    });
    await seal(1);
    expect(await states()).toHaveLength(1);
    await registerSink(ledger(), { sink: SINK });
    expect(await states()).toHaveLength(2);
  });

  it('is for the event types it names, and catches up when it names others', async () => {
    await seal(0);
    await seal(0, 'page.left');
    const register = (...eventTypes: string[]) =>
      registerSink(ledger(), { sink: SINK, eventTypes });
    const types = async () =>
      await ledger()('sink_loads').orderBy('event_type').pluck('event_type');

    await expect(register('page.left')).resolves.toEqual({ caughtUp: 1 });
    await seal(1);
    await seal(1, 'page.left');
    expect(await types()).toEqual(['page.left', 'page.left']);

    await expect(register('page.left', EVENT_TYPE)).resolves.toEqual({
      caughtUp: 2,
    });
    await expect(register(EVENT_TYPE, 'page.left')).resolves.toEqual({
      caughtUp: 0,
    });

    await register();
    expect(await types()).toEqual([]);
    await expect(registerSink(ledger(), { sink: SINK })).resolves.toEqual({
      caughtUp: 4,
    });
  });

  it('begins a revision once, and counts its attempts', async () => {
    await registerSink(ledger(), { sink: SINK });
    await seal(0);
    const [{ partitionId }] = await due();
    const begun = await Promise.all([
      begin(partitionId),
      begin(partitionId),
      begin(partitionId),
    ]);
    expect(begun.filter(Boolean)).toEqual([{ attempt: 1 }]);

    const record = (attempt: number, state: 'failed' | 'loaded') =>
      recordSinkLoad(ledger(), {
        sink: SINK,
        partitionId,
        attempt,
        outcome:
          state === 'failed'
            ? { state, reason: 'load_failed', message: 'why', retryMs: 0 }
            : { state, rows: 10 },
      });
    await expect(record(1, 'failed')).resolves.toBe(true);
    expect(await due()).toMatchObject([
      { state: 'failed', reason: 'load_failed', failures: 1, attempt: 1 },
    ]);
    await expect(begin(partitionId)).resolves.toEqual({ attempt: 2 });
    // Somebody who had slept since the first attempt changes nothing.
    await expect(record(1, 'loaded')).resolves.toBe(false);
    await expect(record(2, 'loaded')).resolves.toBe(true);
    await expect(record(2, 'failed')).resolves.toBe(false);
    expect(await due()).toEqual([]);
    await expect(
      listSinkLoads(ledger(), { partitionIds: [partitionId] }),
    ).resolves.toMatchObject([
      { sink: SINK, state: 'loaded', rows: 10, loadedAt: expect.any(Date) },
    ]);
  });

  it('skips a revision that was not begun when a later one was sealed', async () => {
    await registerSink(ledger(), { sink: SINK });
    await seal(0);
    await revise(0);
    expect(await due()).toMatchObject([{ revision: 2 }]);
    expect(await states()).toEqual(['superseded', 'pending']);
  });

  it('does not begin a revision while an earlier one is being loaded', async () => {
    await registerSink(ledger(), { sink: SINK });
    await seal(0);
    const [first] = await due();
    await begin(first.partitionId);
    await revise(0);
    expect(await due()).toMatchObject([{ revision: 1, state: 'loading' }]);
    const second = await ledger()('sink_loads')
      .where({ revision: 2 })
      .first('partition_id');
    await expect(begin(second.partition_id)).resolves.toBeUndefined();

    await recordSinkLoad(ledger(), {
      sink: SINK,
      partitionId: first.partitionId,
      attempt: 1,
      outcome: { state: 'loaded', rows: 10 },
    });
    expect(await due()).toMatchObject([{ revision: 2 }]);
    await expect(begin(second.partition_id)).resolves.toEqual({ attempt: 1 });
  });
});
