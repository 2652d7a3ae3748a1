import {
  beginPublishing,
  beginSealing,
  claimLease,
  commitPartition,
  CommitPartitionOptions,
  findKnownEventKeys,
  getPartition,
  hasEventIdsInLedger,
  listBucketsToClose,
  listIdFiles,
  listRefusedEvents,
  pruneEventIds,
  recordStagedBatches,
  sealResource,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
  idsOf,
  insertOldEventIds,
  minutes,
  sealBucket,
  SHA256,
  stagedBatch,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { FencingError } from '../../errors';
import { findKnownEventKeysSql } from './findKnownEventKeys';

jest.setTimeout(60_000);

describe('sealing', () => {
  const ledger = useLedger();
  const eventType = 'page.viewed';
  const bucket = bucketAt(0);

  async function begin(fencingToken: bigint) {
    return beginSealing(ledger(), {
      eventType,
      bucket,
      fencingToken,
      decision: { rule: 'all-declared', inputs: [1] },
    });
  }

  async function commit(
    partitionId: string,
    fencingToken: bigint,
    overrides: Partial<CommitPartitionOptions> = {},
  ) {
    await commitPartition(
      ledger(),
      await commitOptions(partitionId, fencingToken, overrides),
    );
  }

  async function commitOptions(
    partitionId: string,
    fencingToken: bigint,
    overrides: Partial<CommitPartitionOptions> = {},
  ): Promise<CommitPartitionOptions> {
    return {
      partitionId,
      fencingToken,
      counts: {
        accepted: 20,
        delivered: 17,
        duplicates: 2,
        refused: 1,
        conflicts: 1,
        skewed: 0,
      },
      files: [
        { name: 'part-00000.parquet', rows: 17, bytes: 4_000, sha256: SHA256 },
      ],
      manifest: { path: 'page.viewed/m.json', sha256: SHA256 },
      ids: await idsOf(ledger(), { path: 'page.viewed/r0001/i.ids', rows: 17 }),
      refusedAtSealing: [],
      sealedAt: minutes(1.5),
      ...overrides,
    };
  }

  beforeEach(async () => {
    await recordStagedBatches(ledger(), {
      batches: [1, 2].map(batch => stagedBatch({ batch })),
      now: minutes(0.5),
    });
  });

  it('gives the frozen batches as they were recorded', async () => {
    const token = await claimSealLease(ledger(), eventType);
    const { revision, stagedFiles } = await begin(token);
    expect(revision).toBe(1);
    const { stagedFile, messageId: _, ...rest } = stagedBatch({ batch: 1 });
    expect(stagedFiles).toHaveLength(2);
    expect(stagedFiles[0]).toEqual({ path: stagedFile, ...rest });
  });

  it('gives a second sealer the same set and keeps the first decision', async () => {
    const first = await begin(await claimSealLease(ledger(), eventType, 'a'));
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ batch: 3 })],
      now: minutes(0.5),
    });
    await ledger()('leases').update({ expires_at: minutes(0) });
    const token = await claimSealLease(ledger(), eventType, 'b');
    await expect(
      beginSealing(ledger(), {
        eventType,
        bucket,
        fencingToken: token,
        decision: { rule: 'other' },
      }),
    ).resolves.toEqual(first);

    await commit(first.partitionId, token);
    await expect(
      getPartition(ledger(), { eventType, bucketStart: bucket.start }),
    ).resolves.toMatchObject({ decision: { rule: 'all-declared' } });
  });

  it('lets no zombie begin or commit once its lease was claimed anew', async () => {
    const zombie = await claimSealLease(ledger(), eventType, 'zombie');
    const { partitionId } = await begin(zombie);
    await ledger()('leases').update({ expires_at: minutes(0) });
    const successor = await claimSealLease(ledger(), eventType, 'successor');

    await expect(begin(zombie)).rejects.toThrow(FencingError);
    await expect(commit(partitionId, zombie)).rejects.toThrow(FencingError);
    await expect(listIdFiles(ledger(), { eventType })).resolves.toMatchObject({
      files: [],
    });

    await commit(partitionId, successor);
    await expect(commit(partitionId, zombie)).rejects.toThrow(FencingError);
  });

  it('keeps a rival from claiming the lease between the check and the commit', async () => {
    const token = await claimSealLease(ledger(), eventType, 'a');
    const { partitionId } = await begin(token);
    await ledger()('leases').update({ expires_at: minutes(0) });

    const rival = () =>
      claimLease(ledger(), {
        resource: sealResource(eventType),
        holder: 'b',
        leaseMs: 60_000,
      });
    let whileCommitting: unknown = 'never asked';
    await ledger().transaction(async tx => {
      await commitPartition(tx, {
        ...(await commitOptions(partitionId, token)),
      });
      whileCommitting = await rival();
    });
    expect(whileCommitting).toBeUndefined();
    await expect(rival()).resolves.toEqual({ fencingToken: token + 1n });
  });

  it('makes everything of a partition visible together', async () => {
    const token = await claimSealLease(ledger(), eventType);
    const { partitionId } = await begin(token);
    await commit(partitionId, token, {
      refusedAtSealing: [
        {
          refusalId: uuid(7),
          eventType,
          eventId: 'x',
          reason: 'wrong_type',
          pointer: '/data/n',
          message: 'must be a number',
          receivedAt: minutes(0.2).toISOString(),
          event: '{}',
        },
      ],
    });

    await expect(
      getPartition(ledger(), { eventType, bucketStart: bucket.start }),
    ).resolves.toEqual({
      partitionId,
      eventType,
      bucketStart: bucket.start,
      bucketSeconds: 60,
      bucketEnd: minutes(1),
      revision: 1,
      state: 'sealed',
      empty: false,
      sealedAt: minutes(1.5),
      latenessMs: 30_000,
      isForced: false,
      stages: {
        lastReceivedAt: undefined,
        lastPublishedAt: new Date(bucket.start.getTime() + 1_000),
        lastStagedAt: expect.any(Date),
        closedAt: expect.any(Date),
        sealedAt: new Date('2026-01-10T12:01:30Z'),
      },
      accepted: 20,
      delivered: 17,
      duplicates: 2,
      refused: 1,
      conflicts: 1,
      skewed: 0,
      bytes: 4_000,
      schemaVersion: 1,
      files: [
        { name: 'part-00000.parquet', rows: 17, bytes: 4_000, sha256: SHA256 },
      ],
      manifestPath: 'page.viewed/m.json',
      manifestSha256: SHA256,
      decision: { rule: 'all-declared', inputs: [1] },
    });
    await expect(
      listRefusedEvents(ledger(), { eventType, limit: 10 }),
    ).resolves.toMatchObject([{ stage: 'sealing', refusalId: uuid(7) }]);
    await expect(
      ledger()('staged_batches').whereNull('consumed_at'),
    ).resolves.toEqual([]);
  });

  it('refuses books that do not close', async () => {
    const token = await claimSealLease(ledger(), eventType);
    const { partitionId } = await begin(token);
    const counts = {
      accepted: 20,
      delivered: 20,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    };
    await expect(
      commit(partitionId, token, { counts: { ...counts, delivered: 19 } }),
    ).rejects.toMatchObject({ code: 'counts_do_not_balance' });
    await expect(
      commit(partitionId, token, {
        counts: { ...counts, accepted: 19, delivered: 19 },
      }),
    ).rejects.toMatchObject({ code: 'counts_do_not_balance' });
    await expect(
      commit(partitionId, token, {
        counts: { ...counts },
        ids: await idsOf(ledger(), { path: 'i.ids', rows: 19 }),
      }),
    ).rejects.toMatchObject({ code: 'counts_do_not_balance' });
    await expect(
      commit(partitionId, token, { counts: { ...counts }, ids: undefined }),
    ).rejects.toMatchObject({ code: 'counts_do_not_balance' });
    // The database itself holds the line, whoever writes.
    await expect(
      ledger()('partitions').update({
        state: 'sealed',
        sealed_at: minutes(2),
        accepted: 20,
        delivered: 19,
        manifest_path: 'm',
        manifest_sha256: SHA256,
      }),
    ).rejects.toThrow('partitions_books_balance');
  });

  it('takes the same commit twice, and no other after it', async () => {
    const token = await claimSealLease(ledger(), eventType);
    const { partitionId } = await begin(token);
    await commit(partitionId, token);
    await expect(commit(partitionId, token)).resolves.toBeUndefined();
    await expect(
      commit(partitionId, token, {
        manifest: { path: 'm', sha256: 'b'.repeat(64) },
      }),
    ).rejects.toMatchObject({ code: 'partition_already_sealed' });
    await expect(begin(token)).rejects.toMatchObject({
      code: 'partition_already_sealed',
    });
  });

  it('refuses to deliver what was not compared with all earlier ids', async () => {
    const token = await claimSealLease(ledger(), eventType);
    const { partitionId } = await begin(token);
    const stale = await commitOptions(partitionId, token);
    const other = bucketAt(5);
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket: other })],
      now: minutes(5.5),
    });
    await sealBucket(ledger(), { bucket: other });
    const next = await claimSealLease(ledger(), eventType);
    await expect(
      commitPartition(ledger(), { ...stale, fencingToken: next }),
    ).rejects.toMatchObject({ code: 'event_ids_not_seen' });
    await expect(
      getPartition(ledger(), { eventType, bucketStart: bucket.start }),
    ).resolves.toMatchObject({ state: 'sealing', accepted: 0 });
    await commit(partitionId, next);
  });

  it('lets one partition of a type be published at a time', async () => {
    await recordStagedBatches(ledger(), {
      batches: [
        stagedBatch({ bucket: bucketAt(5) }),
        stagedBatch({ eventType: 'page.left' }),
      ],
      now: minutes(5.5),
    });
    const fencingToken = await claimSealLease(ledger(), eventType);
    const first = await begin(fencingToken);
    const second = await beginSealing(ledger(), {
      eventType,
      bucket: bucketAt(5),
      fencingToken,
      decision: {},
    });
    const publish = ({ partitionId }: { partitionId: string }) =>
      beginPublishing(ledger(), { partitionId, fencingToken });
    await publish(second);
    await publish(second);
    await expect(publish(first)).rejects.toMatchObject({
      code: 'another_partition_is_publishing',
    });
    // The database itself holds the line, whoever writes.
    await expect(
      ledger()('partitions').update({ publishing_since: new Date() }),
    ).rejects.toThrow('partitions_publishing_idx');

    const otherToken = await claimSealLease(ledger(), 'page.left');
    const other = await beginSealing(ledger(), {
      eventType: 'page.left',
      bucket,
      fencingToken: otherToken,
      decision: {},
    });
    await beginPublishing(ledger(), {
      partitionId: other.partitionId,
      fencingToken: otherToken,
    });

    // The one that may be published comes first, though its bucket is later.
    const due = await listBucketsToClose(ledger(), {
      now: minutes(10),
      graceMs: 0,
      limit: 2,
    });
    expect(due.map(each => each.bucket.start)).toContainEqual(
      bucketAt(5).start,
    );
    await commitPartition(
      ledger(),
      await commitOptions(second.partitionId, fencingToken, {
        counts: {
          accepted: 10,
          delivered: 10,
          duplicates: 0,
          refused: 0,
          conflicts: 0,
          skewed: 0,
        },
        ids: await idsOf(ledger(), { path: 'second.ids', rows: 10 }),
      }),
    );
    await publish(first);
    await expect(
      beginPublishing(ledger(), {
        partitionId: first.partitionId,
        fencingToken: fencingToken - 1n,
      }),
    ).rejects.toThrow(FencingError);
  });

  it('knows an event sealed by an earlier release by key with every content it came with', async () => {
    const keys = [
      { eventKey: uuid(1), contentHash: uuid(101) },
      { eventKey: uuid(1), contentHash: uuid(102) },
      { eventKey: uuid(2), contentHash: uuid(101) },
    ];
    await expect(hasEventIdsInLedger(ledger(), { eventType })).resolves.toBe(
      false,
    );
    await insertOldEventIds(
      ledger(),
      keys.map(key => ({ ...key, sealedAt: minutes(2) })),
    );
    await expect(hasEventIdsInLedger(ledger(), { eventType })).resolves.toBe(
      true,
    );
    const asked = [1, 2, 3].map(n => ({
      eventKey: uuid(n),
      contentHash: uuid(999),
    }));

    await expect(
      findKnownEventKeys(ledger(), { eventType, keys: asked }),
    ).resolves.toEqual(
      new Map([
        [uuid(1), new Set([uuid(101), uuid(102)])],
        [uuid(2), new Set([uuid(101)])],
      ]),
    );
    await expect(
      findKnownEventKeys(ledger(), { eventType: 'page.left', keys: asked }),
    ).resolves.toEqual(new Map());
  });

  it('takes no ids into the ledger from a worker of an earlier release', async () => {
    await expect(
      ledger()('event_ids').insert({
        event_type: eventType,
        event_key: uuid(1),
        content_hash: uuid(1),
        sealed_at: minutes(1),
      }),
    ).rejects.toThrow('event_ids_are_in_files_now');
  });

  it('finds 100,000 keys among 200,000 by the index', async () => {
    await ledger().raw(
      'ALTER TABLE event_ids DROP CONSTRAINT event_ids_are_in_files_now',
    );
    await ledger().raw(
      `INSERT INTO event_ids (event_type, event_key, content_hash, sealed_at)
       SELECT 'page.viewed', md5(n::text)::uuid, md5(n::text)::uuid, now()
       FROM generate_series(1, 200000) AS n`,
    );
    await ledger().raw(
      `ALTER TABLE event_ids ADD CONSTRAINT event_ids_are_in_files_now
       CHECK (false) NOT VALID`,
    );
    await ledger().raw('ANALYZE event_ids');
    const { rows } = await ledger().raw<{ rows: { key: string }[] }>(
      `SELECT md5(n::text)::uuid AS key FROM generate_series(150001, 250000) n`,
    );
    const keys = rows.map(({ key }) => ({ eventKey: key, contentHash: key }));

    const known = await findKnownEventKeys(ledger(), { eventType, keys });
    expect(known.size).toBe(50_000);

    const plan = await explain(ledger(), findKnownEventKeysSql, {
      eventType,
      eventKeys: keys
        .slice(0, 1_000)
        .map(key => key.eventKey)
        .join(),
    });
    expect(plan).toContain('event_ids_pkey');
    expect(plan).not.toContain('Seq Scan');
  });

  it('keeps old event ids within the horizon, even for a clock far ahead, and forgets those beyond', async () => {
    await insertOldEventIds(ledger(), [
      { eventKey: uuid(1), contentHash: uuid(1), sealedAt: new Date() },
      { eventKey: uuid(2), contentHash: uuid(2), sealedAt: minutes(2) },
      { eventKey: uuid(3), contentHash: uuid(3), sealedAt: minutes(6) },
    ]);
    await expect(pruneEventIds(ledger(), { before: minutes(6) })).resolves.toBe(
      1,
    );
    await expect(
      pruneEventIds(ledger(), { before: new Date('2031-01-01') }),
    ).resolves.toBe(1);
    await expect(ledger()('event_ids').pluck('event_key')).resolves.toEqual([
      uuid(1),
    ]);
  });
});
