import {
  approveRevision,
  cancelRevision,
  expireRevisions,
  getRevision,
  listBucketsToClose,
  listenForRevisions,
  listRevisions,
  listRevisionWork,
  listSealedSince,
  listStagedToRemove,
  publishConfigSnapshot,
  readLastSealed,
  recordStagedBatches,
  requestRevision,
  RequestRevisionOptions,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
  minutes,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { listRevisionsSql } from './listRevisions';

jest.setTimeout(60_000);

const TYPE = 'page.viewed';
const REASON = 'A disk has lost some of its files';

describe('revision operations', () => {
  const ledger = useLedger();
  const ask = (options: Partial<RequestRevisionOptions> = {}) =>
    requestRevision(ledger(), {
      operationId: uuid(1),
      eventType: TYPE,
      kind: 'redeliver',
      buckets: [bucketAt(0).start],
      requestedBy: 'user:default/ada',
      now: minutes(30),
      ...options,
    });
  const approve = (operationId = uuid(1)) =>
    approveRevision(ledger(), {
      operationId,
      approvedBy: 'user:default/bob',
      reason: REASON,
      now: minutes(31),
    });
  /** As a worker leaves it when it has tried. */
  const previewed = (operationId = uuid(1)) =>
    ledger()('revision_operations')
      .where({ operation_id: operationId })
      .update({ state: 'previewed', previewed_at: new Date() });

  async function stage(n: number, batch: number, now = minutes(n)) {
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket: bucketAt(n), batch })],
      now,
    });
  }

  beforeEach(async () => {
    await provision(ledger(), { [TYPE]: 'normal' });
    for (const n of [0, 1, 2]) {
      await stage(n, 1);
      await sealBucket(ledger(), { bucket: bucketAt(n) });
    }
  });

  it('begin with a preview of the partitions asked about, and what they are now', async () => {
    const asked = await ask({ buckets: [1, 0, 1].map(n => bucketAt(n).start) });
    expect(asked).toEqual({
      operationId: uuid(1),
      eventType: TYPE,
      kind: 'redeliver',
      state: 'previewing',
      buckets: [0, 1].map(n => bucketAt(n).start),
      requestedBy: 'user:default/ada',
      requestedAt: minutes(30),
      progress: { step: 'waiting', done: 0, total: 0 },
      changes: [0, 1].map(n =>
        expect.objectContaining({
          bucketStart: bucketAt(n).start,
          bucketEnd: bucketAt(n + 1).start,
          fromRevision: 1,
          toRevision: 2,
          batches: 1,
          batchesIn: 0,
          batchesOut: 0,
          schemaVersionBefore: 1,
          schemaVersionAfter: 1,
          before: expect.objectContaining({ accepted: 10, bytes: 500 }),
          after: undefined,
        }),
      ),
    });
    await expect(ask()).resolves.toEqual(asked);
    await expect(
      getRevision(ledger(), { operationId: uuid(9) }),
    ).resolves.toBeUndefined();
  });

  it('are only about sealed partitions', async () => {
    await stage(3, 1);
    await expect(
      ask({ buckets: [bucketAt(0).start, bucketAt(3).start] }),
    ).rejects.toMatchObject({ code: 'partition_not_sealed' });
    await expect(listRevisions(ledger(), { limit: 10 })).resolves.toEqual([]);
  });

  it('need what the partitions were sealed from', async () => {
    await ledger()('partitions')
      .where({ bucket_start: bucketAt(0).start })
      .update({ staged_removed_at: new Date() });
    await expect(ask()).rejects.toMatchObject({ code: 'staged_files_gone' });
    await ledger()('staged_batches')
      .where({ bucket_start: bucketAt(1).start })
      .delete();
    await expect(ask({ buckets: [bucketAt(1).start] })).rejects.toMatchObject({
      code: 'staged_files_gone',
    });
  });

  it('are one at a time for a partition, also when asked for at once', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => ask({ operationId: uuid(i + 1) })),
    );
    const codes = asked.map(one =>
      one.status === 'rejected' ? one.reason.code : 'asked',
    );
    expect(codes.sort()).toEqual([
      'asked',
      ...Array.from({ length: 7 }, () => 'revision_in_progress'),
    ]);
    await expect(
      ask({ operationId: uuid(20), buckets: [bucketAt(1).start] }),
    ).resolves.toMatchObject({ state: 'previewing' });
  });

  it('hold the staged files they need until they are over', async () => {
    await ask();
    const removable = async () =>
      (
        await listStagedToRemove(ledger(), {
          now: new Date(),
          retentionMs: 0,
          maxBytes: 0,
          limit: 10,
        })
      ).length;
    expect(await removable()).toBe(2);
    await previewed();
    expect(await removable()).toBe(2);
    await approve();
    expect(await removable()).toBe(2);
    await cancelRevision(ledger(), { operationId: uuid(1), now: minutes(32) });
    expect(await removable()).toBe(3);
  });

  it('run when a preview is approved, with who and why', async () => {
    await ask();
    await expect(approve()).rejects.toMatchObject({
      code: 'revision_not_previewed',
    });
    await previewed();
    await expect(approve()).resolves.toMatchObject({
      state: 'running',
      approvedBy: 'user:default/bob',
      approvedAt: minutes(31),
      reason: REASON,
    });
    await expect(approve()).rejects.toMatchObject({
      code: 'revision_not_previewed',
    });
    await expect(approve(uuid(9))).rejects.toMatchObject({
      code: 'revision_not_found',
    });
  });

  it('let what is to be sealed of their type go first, but not for ever', async () => {
    await ask();
    await previewed();
    await approve();
    const approvedAt = (at: Date) =>
      ledger()('revision_operations').update({ approved_at: at });
    const work = async () =>
      (await listRevisionWork(ledger(), { limit: 9 })).map(({ task }) => task);
    await approvedAt(new Date());
    expect(await work()).toEqual(['run']);
    await stage(3, 1);
    expect(await work()).toEqual([]);
    await approvedAt(new Date(Date.now() - 6 * 60_000));
    expect(await work()).toEqual(['run']);
    await approvedAt(new Date());
    await ledger()('waiting_buckets').insert({
      event_type: TYPE,
      bucket_start: bucketAt(3).start,
      bucket_seconds: 60,
      decision: '{}',
      worker: 'w',
    });
    expect(await work()).toEqual(['run']);
  });

  it('are not about batches that came or went since the preview', async () => {
    await ask();
    await previewed();
    await ledger()('staged_batches')
      .where({ bucket_start: bucketAt(0).start })
      .update({ events: 9 });
    await expect(approve()).rejects.toMatchObject({ code: 'revision_expired' });
    await expect(
      getRevision(ledger(), { operationId: uuid(1) }),
    ).resolves.toMatchObject({ state: 'expired' });
    await expect(approve()).rejects.toMatchObject({ code: 'revision_expired' });
  });

  it('are not resealed under a version that has a successor by now', async () => {
    await ask({ kind: 'reseal' });
    await previewed();
    await publishConfigSnapshot(ledger(), {
      bucketSeconds: 60,
      writeKeys: [],
      eventTypes: [
        {
          name: TYPE,
          tier: 'normal',
          version: 2,
          schema: { type: 'record', name: 'Event', fields: [] },
          topic: 't',
          subscription: 's',
          refusedTopic: 'rt',
          refusedSubscription: 'rs',
        },
      ],
    });
    await expect(approve()).rejects.toMatchObject({ code: 'revision_expired' });
    await expect(
      ask({ operationId: uuid(2), kind: 'reseal' }),
    ).resolves.toMatchObject({
      changes: [{ schemaVersionBefore: 1, schemaVersionAfter: 2 }],
    });
  });

  it('expire when nobody approves the preview within a day', async () => {
    await ask();
    await previewed();
    expect(await expireRevisions(ledger())).toBe(0);
    const old = new Date(Date.now() - 25 * 60 * 60_000);
    await ledger()('revision_operations').update({ previewed_at: old });
    await expect(approve()).rejects.toMatchObject({ code: 'revision_expired' });
    await ask({ operationId: uuid(2) });
    await previewed(uuid(2));
    await ledger()('revision_operations').update({ previewed_at: old });
    expect(await expireRevisions(ledger())).toBe(1);
    await expect(ask({ operationId: uuid(3) })).resolves.toBeDefined();
  });

  it('can be cancelled until they are published, and then no more', async () => {
    await ask();
    const cancel = () =>
      cancelRevision(ledger(), { operationId: uuid(1), now: minutes(32) });
    await expect(cancel()).resolves.toMatchObject({
      state: 'cancelled',
      finishedAt: minutes(32),
    });
    await expect(cancel()).resolves.toMatchObject({ state: 'cancelled' });
    await ledger()('revision_operations').update({
      state: 'running',
      finished_at: null,
      approved_by: 'x',
      approved_at: minutes(31),
      reason: REASON,
      prepared_at: new Date(),
    });
    await expect(cancel()).rejects.toMatchObject({
      code: 'revision_not_cancellable',
    });
  });

  it('are listed a page at a time, the last first, along an index', async () => {
    for (const n of [0, 1, 2]) {
      await ask({
        operationId: uuid(n),
        buckets: [bucketAt(n).start],
        now: minutes(30 + Math.min(n, 1)),
      });
    }
    await cancelRevision(ledger(), { operationId: uuid(1), now: minutes(32) });
    const page = await listRevisions(ledger(), { eventType: TYPE, limit: 2 });
    expect(page.map(({ operationId }) => operationId)).toEqual([
      uuid(2),
      uuid(1),
    ]);
    const next = await listRevisions(ledger(), { before: page[1], limit: 2 });
    expect(next.map(({ operationId }) => operationId)).toEqual([uuid(0)]);
    const open = await listRevisions(ledger(), { open: true, limit: 9 });
    expect(open.map(({ operationId }) => operationId)).toEqual([
      uuid(2),
      uuid(0),
    ]);
    await ledger().raw('SET enable_seqscan = off');
    const plan = await explain(
      ledger(),
      listRevisionsSql({ eventType: TYPE, before: page[0] }),
      {
        eventType: TYPE,
        requestedAt: page[0].requestedAt,
        operationId: page[0].operationId,
        limit: 2,
      },
    );
    await ledger().raw('RESET enable_seqscan');
    expect(plan).toContain('revision_operations_type_idx');
  });

  it('of batches that came late take them home, and name every partition that changes', async () => {
    // Received in 0 and 1, recorded when these were sealed: they land in 3.
    await stage(0, 2, minutes(3));
    await stage(0, 3, minutes(3));
    await stage(1, 2, minutes(3));
    await stage(3, 1);
    await expect(
      ask({ kind: 'reshuffle', buckets: [bucketAt(2).start] }),
    ).rejects.toMatchObject({ code: 'nothing_to_reshuffle' });
    await sealBucket(ledger(), { bucket: bucketAt(3) });

    const changesOf = (operation: { changes: object[] }) =>
      operation.changes.map((change: any) => [
        (change.bucketStart.getTime() - bucketAt(0).start.getTime()) / 60_000,
        change.batches,
        change.batchesIn,
        change.batchesOut,
      ]);
    const own = await ask({ kind: 'reshuffle', buckets: [bucketAt(0).start] });
    expect(changesOf(own)).toEqual([
      [0, 3, 2, 0],
      [3, 2, 0, 2],
    ]);
    await cancelRevision(ledger(), { operationId: uuid(1), now: minutes(32) });
    const landing = await ask({
      operationId: uuid(2),
      kind: 'reshuffle',
      buckets: [bucketAt(3).start],
    });
    expect(changesOf(landing)).toEqual([
      [0, 3, 2, 0],
      [1, 2, 1, 0],
      [3, 1, 0, 3],
    ]);
    await expect(
      ask({ operationId: uuid(3), buckets: [bucketAt(1).start] }),
    ).rejects.toMatchObject({ code: 'revision_in_progress' });
  });

  it('wake up who listens', async () => {
    let heard = 0;
    let hear = () => {};
    const listener = listenForRevisions(ledger(), {
      onChange: () => {
        heard += 1;
        hear();
      },
    });
    try {
      const next = () =>
        new Promise<void>(resolve => {
          hear = resolve;
        });
      if (heard === 0) await next();
      const told = next();
      await ask();
      await told;
      expect(heard).toBeGreaterThan(1);
    } finally {
      await listener.stop();
    }
  });
});

describe('the order of commits', () => {
  const ledger = useLedger();

  it('gives every sealed revision once, those of a type in their order, and none before it is visible', async () => {
    await provision(ledger(), { [TYPE]: 'normal', 'shop.order': 'normal' });
    const bucket = bucketAt(0);
    const db = ledger();
    await sealBucket(db, { bucket });
    const [first] = await listSealedSince(db, { afterSeq: '0', limit: 10 });
    expect(first).toMatchObject({
      eventType: TYPE,
      bucketStart: bucket.start,
      revision: 1,
      replacedRevision: undefined,
      operation: undefined,
      counts: { accepted: 0 },
    });

    // It takes its number first, and is committed last.
    const slow = await db.transaction();
    await slow('partitions').insert({
      event_type: 'shop.order',
      bucket_start: bucket.start,
      bucket_seconds: 60,
      bucket_end: bucketAt(1).start,
      revision: 1,
      state: 'sealed',
      sealed_at: new Date(),
      decision: '{}',
    });
    await sealBucket(db, { bucket: bucketAt(1) });
    const [second, ...none] = await listSealedSince(db, {
      afterSeq: first.seq,
      limit: 10,
    });
    expect(second).toMatchObject({ bucketStart: bucketAt(1).start });
    expect(none).toEqual([]);
    await slow.commit();
    const [third] = await listSealedSince(db, {
      afterSeq: second.seq,
      limit: 10,
    });
    expect(third).toMatchObject({ eventType: 'shop.order' });
    expect(await readLastSealed(db)).toBe(third.seq);
    await expect(
      listSealedSince(db, { afterSeq: third.seq, limit: 10 }),
    ).resolves.toEqual([]);
  });

  it('is the same for readers at the same time', async () => {
    await provision(ledger(), { [TYPE]: 'normal' });
    for (let n = 0; n < 6; n++) {
      await sealBucket(ledger(), { bucket: bucketAt(n) });
    }
    const lists = await Promise.all(
      Array.from({ length: 5 }, () =>
        listSealedSince(ledger(), { afterSeq: '0', limit: 10 }),
      ),
    );
    for (const list of lists) {
      expect(list.map(({ seq }) => seq)).toEqual(
        lists[0].map(({ seq }) => seq),
      );
      expect(list.map(({ bucketStart }) => bucketStart)).toEqual(
        [0, 1, 2, 3, 4, 5].map(n => bucketAt(n).start),
      );
    }
  });
});

// A bucket with a revision in the making is not due for its first sealing.
describe('a revision in the making', () => {
  const ledger = useLedger();

  it('is not taken for a bucket to close', async () => {
    await provision(ledger(), { [TYPE]: 'normal' });
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    await claimSealLease(ledger(), TYPE);
    await requestRevision(ledger(), {
      operationId: uuid(1),
      eventType: TYPE,
      kind: 'redeliver',
      buckets: [bucketAt(0).start],
      requestedBy: 'user:default/ada',
      now: minutes(30),
    });
    await ledger()('partitions').insert({
      event_type: TYPE,
      bucket_start: bucketAt(0).start,
      bucket_seconds: 60,
      bucket_end: bucketAt(1).start,
      revision: 2,
      state: 'sealing',
      operation_id: uuid(1),
      decision: '{}',
    });
    await expect(
      listBucketsToClose(ledger(), {
        now: minutes(40),
        graceMs: 0,
        limit: 10,
      }),
    ).resolves.toEqual([]);
  });
});
