import {
  acknowledgeAuditFinding,
  AuditFinding,
  auditFindingCodes,
  auditResource,
  claimLease,
  listAuditFindings,
  listAuditPeers,
  listPartitionsToAudit,
  listUntoldFindings,
  markFindingsTold,
  readAuditSubject,
  readBatchAccounts,
  recordPartitionAudit,
  recordPoisonBatch,
  declareBucket,
  recordStagedBatches,
  summarizeAudits,
} from '..';
import {
  bucketAt,
  explain,
  minutes,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { LIST_PARTITIONS_TO_AUDIT_SQL } from './listPartitionsToAudit';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const HORIZON_MS = 31 * 24 * 60 * 60_000;

describe('the books of the auditor', () => {
  const ledger = useLedger();

  async function seal(n: number): Promise<string> {
    const bucket = bucketAt(n);
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket }), stagedBatch({ bucket, batch: 2 })],
      now: bucket.start,
    });
    await sealBucket(ledger(), { bucket });
    const subject = await readAuditSubject(ledger(), {
      eventType,
      bucketStart: bucket.start,
      revision: 1,
    });
    return subject!.partitionId;
  }

  /** The same holder takes over from its dead self at once. */
  async function lease() {
    const resource = auditResource('partitions:0');
    const claimed = await claimLease(ledger(), {
      resource,
      holder: 'auditor',
      leaseMs: 60_000,
    });
    return { resource, fencingToken: claimed!.fencingToken };
  }

  async function record(
    partitionId: string,
    findings: AuditFinding[],
    options: { at?: Date; digest?: string } = {},
  ) {
    return recordPartitionAudit(ledger(), {
      ...(await lease()),
      partitionId,
      auditor: 'auditor',
      auditedAt: options.at ?? minutes(60),
      checks: auditFindingCodes,
      findings,
      rowsRead: 20,
      bytesRead: 500,
      contentDigest: options.digest ?? 'a'.repeat(64),
    });
  }

  const missing = (file: string): AuditFinding => ({
    code: 'file_missing',
    message: `${file} is gone`,
    eventType,
    file,
  });
  const due = (share = 0, shares = 1) =>
    listPartitionsToAudit(ledger(), {
      share,
      shares,
      dueBefore: minutes(65),
      limit: 10,
    });

  it('name the never audited first, then the longest ago, each in one share', async () => {
    const [a, b, c] = [await seal(0), await seal(1), await seal(2)];
    await record(a, [], { at: minutes(62) });
    await record(b, [], { at: minutes(61) });
    const idsOf = async (share?: number, shares?: number) =>
      (await due(share, shares)).map(({ partitionId }) => partitionId);
    expect(await idsOf()).toEqual([c, b, a]);
    const shared = [...(await idsOf(0, 2)), ...(await idsOf(1, 2))];
    expect(shared.sort()).toEqual([a, b, c].sort());
    await record(c, [], { at: minutes(70) });
    expect(await idsOf()).toEqual([b, a]);
  });

  it('are asked along their indexes, however much history there is', async () => {
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at, audited_at)
       SELECT 'type-' || t, at, 60, at + interval '1 minute', 1, 'sealed',
         '{}', at + interval '2 minutes', at + interval '3 minutes'
       FROM generate_series(1, 20) AS t, generate_series(
         timestamptz '2026-01-01', '2026-01-02', interval '1 minute') AS at`,
    );
    await ledger().raw('ANALYZE partitions');
    const plan = await explain(ledger(), LIST_PARTITIONS_TO_AUDIT_SQL, {
      share: 0,
      shares: 8,
      dueBefore: minutes(0),
      limit: 50,
    });
    expect(plan).toContain('partitions_unaudited_idx');
    expect(plan).toContain('partitions_audited_idx');
    expect(plan).not.toContain('Seq Scan');
  });

  it('keep the digest of the first clean audit, and of no other', async () => {
    const partitionId = await seal(0);
    const digest = async () =>
      (await readAuditSubject(ledger(), { partitionId }))?.contentDigest;
    await record(partitionId, [missing('a')], { digest: 'a'.repeat(64) });
    expect(await digest()).toBeUndefined();
    await record(partitionId, [], { digest: 'b'.repeat(64) });
    await record(partitionId, [], { digest: 'c'.repeat(64) });
    expect(await digest()).toBe('b'.repeat(64));
  });

  it('open, keep and resolve findings; a finding that comes back is a new one', async () => {
    const partitionId = await seal(0);
    expect(await record(partitionId, [missing('a'), missing('b')])).toEqual({
      opened: 2,
      resolved: 0,
    });
    expect(await record(partitionId, [missing('b')])).toEqual({
      opened: 0,
      resolved: 1,
    });
    expect(await record(partitionId, [missing('a'), missing('b')])).toEqual({
      opened: 1,
      resolved: 0,
    });
    const all = await listAuditFindings(ledger(), { limit: 10 });
    expect(all.map(({ file, state }) => `${file} ${state}`).sort()).toEqual([
      'a open',
      'a resolved',
      'b open',
    ]);
    const summary = await summarizeAudits(ledger(), { since: minutes(0) });
    expect(summary).toMatchObject({ openCritical: 2, auditedSince: 1 });
  });

  it('write nothing under a lease that has passed on', async () => {
    const partitionId = await seal(0);
    const old = await lease();
    await lease();
    await expect(
      recordPartitionAudit(ledger(), {
        ...old,
        partitionId,
        auditor: 'zombie',
        auditedAt: minutes(60),
        checks: auditFindingCodes,
        findings: [missing('a')],
        rowsRead: 0,
        bytesRead: 0,
      }),
    ).rejects.toMatchObject({ code: 'fencing_token_stale' });
    expect(await listAuditFindings(ledger(), { limit: 1 })).toEqual([]);
    expect((await due())[0].auditedAt).toBeUndefined();
  });

  it('tell each finding once, also when a teller died after telling', async () => {
    const partitionId = await seal(0);
    await record(partitionId, [missing('a'), missing('b')]);
    const untold = await listUntoldFindings(ledger(), { limit: 10 });
    expect(untold).toHaveLength(2);
    const findingIds = untold.map(({ findingId }) => findingId);
    const old = await lease();
    const held = await lease();
    await expect(
      markFindingsTold(ledger(), { ...old, findingIds }),
    ).rejects.toMatchObject({ code: 'fencing_token_stale' });
    expect(await markFindingsTold(ledger(), { ...held, findingIds })).toBe(2);
    expect(await markFindingsTold(ledger(), { ...held, findingIds })).toBe(0);
    expect(await listUntoldFindings(ledger(), { limit: 10 })).toEqual([]);
  });

  it('take an acknowledgement of what is not resolved, and of nothing else', async () => {
    const partitionId = await seal(0);
    await record(partitionId, [missing('a')]);
    const [{ findingId }] = await listAuditFindings(ledger(), { limit: 1 });
    const acknowledge = () =>
      acknowledgeAuditFinding(ledger(), {
        findingId,
        by: 'user:default/owner',
        why: 'restoring it',
      });
    expect(await acknowledge()).toMatchObject({ state: 'acknowledged' });
    expect(await listUntoldFindings(ledger(), { limit: 10 })).toEqual([]);
    await record(partitionId, []);
    expect(await acknowledge()).toBeUndefined();
  });

  it('compare what gateways declared with what arrived, batch by batch', async () => {
    const partitionId = await seal(0);
    const bucket = bucketAt(0);
    await recordPoisonBatch(ledger(), {
      subscription: 's',
      messageId: 'm',
      reason: 'unreadable_body',
      message: 'not zstd',
      attributes: {},
      data: Buffer.from('x'),
      publishedAt: bucket.start,
      header: stagedBatch({ bucket, batch: 4 }).header,
    });
    await declareBucket(ledger(), {
      gateway: 'g',
      epoch: 'e',
      bucket,
      counts: [
        { eventType, lastBatch: 6, abandonedBatches: [2, 5], events: 60 },
      ],
    });
    expect(await readBatchAccounts(ledger(), { partitionId })).toEqual({
      sealedBatches: 2,
      sealedEvents: 20,
      gateways: [
        {
          gateway: 'g',
          epoch: 'e',
          declaredEvents: 60,
          // Batch 2 arrived although its gateway had given it up.
          arrivedEvents: 10,
          poisonBatches: 1,
          missingBatches: [3, 6],
        },
      ],
    });
  });

  it('choose earlier partitions of the same type to compare with', async () => {
    for (let n = 0; n < 10; n += 1) {
      await seal(n);
    }
    const last = await seal(10);
    const peers = async (chance: number) =>
      (
        await listAuditPeers(ledger(), {
          partitionId: last,
          horizonMs: HORIZON_MS,
          nearest: 2,
          further: 1,
          chance,
        })
      ).map(({ bucketStart }) => bucketStart);
    expect(await peers(0)).toEqual([minutes(0), minutes(8), minutes(9)]);
    expect(await peers(0.999)).toEqual([minutes(7), minutes(8), minutes(9)]);
  });
});
