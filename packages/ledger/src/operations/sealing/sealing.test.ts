import {
  beginSealing,
  claimLease,
  commitPartition,
  CommitPartitionOptions,
  findKnownEventKeys,
  getPartition,
  listRefusedEvents,
  pruneEventIds,
  recordStagedBatches,
  sealResource,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
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

  function commit(
    partitionId: string,
    fencingToken: bigint,
    overrides: Partial<CommitPartitionOptions> = {},
  ) {
    return commitPartition(ledger(), {
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
      keys: [{ eventKey: uuid(1), contentHash: uuid(101) }],
      refusedAtSealing: [],
      sealedAt: minutes(1.5),
      ...overrides,
    });
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
    await expect(
      findKnownEventKeys(ledger(), {
        eventType,
        keys: [{ eventKey: uuid(1), contentHash: uuid(101) }],
      }),
    ).resolves.toEqual(new Map());

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
    await commit(partitionId, token, {
      // The keys stream in after the fencing token was checked.
      keys: (async function* keys() {
        whileCommitting = await rival();
        yield { eventKey: uuid(1), contentHash: uuid(101) };
      })(),
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

  it('refuses to deliver an event a second time', async () => {
    const keys = [{ eventKey: uuid(1), contentHash: uuid(101) }];
    await sealBucket(ledger(), { bucket: bucketAt(5), keys });
    const token = await claimSealLease(ledger(), eventType);
    const { partitionId } = await begin(token);
    await expect(commit(partitionId, token, { keys })).rejects.toMatchObject({
      code: 'event_delivered_twice',
    });
    await expect(
      getPartition(ledger(), { eventType, bucketStart: bucket.start }),
    ).resolves.toMatchObject({ state: 'sealing', accepted: 0 });
  });

  it('knows a sealed event by key with every content it came with', async () => {
    const keys = [
      { eventKey: uuid(1), contentHash: uuid(101) },
      { eventKey: uuid(1), contentHash: uuid(102) },
      { eventKey: uuid(2), contentHash: uuid(101) },
    ];
    await sealBucket(ledger(), { bucket, keys });
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

  it('finds 100,000 keys among 200,000 by the index', async () => {
    await ledger().raw(
      `INSERT INTO event_ids (event_type, event_key, content_hash, sealed_at)
       SELECT 'page.viewed', md5(n::text)::uuid, md5(n::text)::uuid, now()
       FROM generate_series(1, 200000) AS n`,
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

  it('keeps event ids within the horizon, even for a clock far ahead', async () => {
    await sealBucket(ledger(), {
      bucket,
      sealedAt: new Date(),
      keys: [{ eventKey: uuid(1), contentHash: uuid(1) }],
    });
    const before = new Date('2031-01-01');
    await expect(pruneEventIds(ledger(), { before })).resolves.toBe(0);
  });

  it('forgets event ids beyond the horizon and no others', async () => {
    await sealBucket(ledger(), {
      bucket,
      sealedAt: minutes(2),
      keys: [{ eventKey: uuid(1), contentHash: uuid(1) }],
    });
    await sealBucket(ledger(), {
      bucket: bucketAt(5),
      sealedAt: minutes(6),
      keys: [{ eventKey: uuid(2), contentHash: uuid(2) }],
    });
    await expect(pruneEventIds(ledger(), { before: minutes(6) })).resolves.toBe(
      1,
    );
    await expect(ledger()('event_ids').pluck('event_key')).resolves.toEqual([
      uuid(2),
    ]);
  });
});
