import {
  beginSealing,
  checkBalance,
  commitPartition,
  declareBucket,
  listBucketLines,
  listGatewayLines,
  OriginFates,
  recordPartitionBooks,
  recordStagedBatches,
} from '..';
import {
  bucketAt,
  claimSealLease,
  idsOf,
  minutes,
  SHA256,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const TYPE = 'page.viewed';
const RANGE = { eventType: TYPE, from: minutes(0), to: minutes(60) };

/** What became of ten events of a gateway, unless a test says otherwise. */
function fatesOf(
  gateway: string,
  counts: { delivered: number; duplicates: number; refused?: number },
): OriginFates {
  const { delivered, duplicates, refused = 0 } = counts;
  return {
    gateway,
    epoch: 'e',
    receiveStart: bucketAt(0).start,
    accepted: delivered + duplicates + refused,
    delivered,
    duplicates,
    refused,
    acceptedSum: 0n,
    deliveredSum: 0n,
    duplicatesSum: 0n,
    refusedSum: 0n,
  };
}

describe('fates by gateway', () => {
  const ledger = useLedger();

  /** Two gateways with ten events each, about to be sealed. */
  async function begin() {
    for (const gateway of ['g-1', 'g-2']) {
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ gateway })],
        now: minutes(0.5),
      });
      await declareBucket(ledger(), {
        gateway,
        epoch: 'e',
        bucket: bucketAt(0),
        counts: [
          { eventType: TYPE, lastBatch: 1, abandonedBatches: [], events: 10 },
        ],
      });
    }
    const fencingToken = await claimSealLease(ledger(), TYPE);
    const { partitionId, stagedFiles } = await beginSealing(ledger(), {
      eventType: TYPE,
      bucket: bucketAt(0),
      fencingToken,
      decision: {},
    });
    const record = (fates: OriginFates[]) =>
      recordPartitionBooks(ledger(), {
        partitionId,
        batches: stagedFiles,
        fates,
        numbering: { numbered: 0, unnumbered: 20, untracked: 0 },
      });
    const commit = async (delivered: number) =>
      commitPartition(ledger(), {
        partitionId,
        fencingToken,
        counts: {
          accepted: 20,
          delivered,
          duplicates: 20 - delivered,
          refused: 0,
          conflicts: 0,
          skewed: 0,
        },
        files: [],
        manifest: { path: 'm/manifest.json', sha256: SHA256 },
        ids: await idsOf(ledger(), { path: '1.ids', rows: delivered }),
        refusedAtSealing: [],
        sealedAt: minutes(2),
      });
    return { record, commit };
  }

  async function seal(fates: OriginFates[]) {
    const { record, commit } = await begin();
    await record(fates);
    await commit(fates.reduce((sum, { delivered }) => sum + delivered, 0));
  }

  const gatewayLines = () =>
    listGatewayLines(ledger(), { ...RANGE, limit: 10 });

  it('say of each gateway what became of its events, and sum to the line', async () => {
    await seal([
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 4, duplicates: 6 }),
    ]);
    await expect(gatewayLines()).resolves.toMatchObject([
      { gateway: 'g-1', accepted: 10, delivered: 10, duplicates: 0 },
      { gateway: 'g-2', accepted: 10, delivered: 4, duplicates: 6 },
    ]);
    await expect(checkBalance(ledger(), RANGE)).resolves.toMatchObject({
      isBalanced: true,
      total: { accepted: 20, delivered: 14, duplicates: 6, difference: 0 },
    });
  });

  it('are not recorded when a gateway has more or fewer than have arrived of it', async () => {
    const { record } = await begin();
    const good = [
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 10, duplicates: 0 }),
    ];
    await record(good);
    // The sum of both is right.
    await expect(
      record([
        fatesOf('g-1', { delivered: 9, duplicates: 0 }),
        fatesOf('g-2', { delivered: 10, duplicates: 1 }),
      ]),
    ).rejects.toMatchObject({
      code: 'counts_do_not_balance',
      message: expect.stringMatching(/10 events of gateway g-1 .* 9 have/),
    });
    await expect(
      record([...good, fatesOf('g-3', { delivered: 1, duplicates: 0 })]),
    ).rejects.toMatchObject({ code: 'counts_do_not_balance' });
    await expect(record([good[0]])).rejects.toMatchObject({
      code: 'counts_do_not_balance',
    });
    await expect(
      ledger()('partition_fates').orderBy('gateway').pluck('accepted'),
    ).resolves.toEqual(['10', '10']);
  });

  it('of two gateways that are exchanged show at both', async () => {
    await seal([
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 10, duplicates: 0 }),
    ]);
    await ledger()('partition_fates')
      .where({ gateway: 'g-1' })
      .update({ accepted: 7, delivered: 7 });
    await ledger()('partition_fates')
      .where({ gateway: 'g-2' })
      .update({ accepted: 13, delivered: 13 });
    await expect(gatewayLines()).resolves.toMatchObject([
      { gateway: 'g-1', sealed: 10, delivered: 7, difference: 3 },
      { gateway: 'g-2', sealed: 10, delivered: 13, difference: 3 },
    ]);
    await expect(checkBalance(ledger(), RANGE)).resolves.toMatchObject({
      isBalanced: false,
      unbalanced: [{ bucketStart: minutes(0), difference: 6 }],
    });
  });

  it('of a gateway that has sent nothing are a difference', async () => {
    await seal([
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 10, duplicates: 0 }),
    ]);
    await ledger()('partition_fates')
      .where({ gateway: 'g-2' })
      .update({ gateway: 'g-3' });
    await expect(gatewayLines()).resolves.toMatchObject([
      { gateway: 'g-1', difference: 0 },
      { gateway: 'g-2', delivered: 0, difference: 10 },
      { gateway: 'g-3', accepted: 0, delivered: 10, difference: 10 },
    ]);
  });

  it('are missing for what an earlier release has sealed, whose buckets are balanced all the same', async () => {
    await seal([
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 4, duplicates: 6 }),
    ]);
    await ledger()('partition_fates').where({ gateway: 'g-2' }).delete();
    await ledger()('partition_fates').update({
      gateway: '',
      epoch: '',
      accepted: 20,
      delivered: 14,
      duplicates: 6,
    });
    const lines = await gatewayLines();
    expect(lines).toMatchObject([
      { gateway: 'g-1', accepted: 10, sealed: 10, difference: 0 },
      { gateway: 'g-2', accepted: 10, sealed: 10, difference: 0 },
    ]);
    for (const line of lines) {
      expect(line).not.toHaveProperty('delivered');
      expect(line).not.toHaveProperty('duplicates');
      expect(line).not.toHaveProperty('refused');
    }
    await expect(
      listBucketLines(ledger(), { ...RANGE, limit: 9 }),
    ).resolves.toMatchObject([
      { accepted: 20, delivered: 14, duplicates: 6, difference: 0 },
    ]);
    await ledger()('partition_fates').update({ accepted: 19, delivered: 13 });
    await expect(checkBalance(ledger(), RANGE)).resolves.toMatchObject({
      unbalanced: [{ difference: 1 }],
    });
  });

  it('of a late batch are those of its gateway, also beside what an earlier release has sealed', async () => {
    await seal([
      fatesOf('g-1', { delivered: 10, duplicates: 0 }),
      fatesOf('g-2', { delivered: 10, duplicates: 0 }),
    ]);
    await ledger()('partition_fates').where({ gateway: 'g-2' }).delete();
    await ledger()('partition_fates').update({
      gateway: '',
      epoch: '',
      accepted: 20,
      delivered: 20,
    });
    // A third one comes late and lands in the next bucket.
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ gateway: 'g-3' })],
      now: minutes(1),
    });
    const fencingToken = await claimSealLease(ledger(), TYPE);
    const { partitionId, stagedFiles } = await beginSealing(ledger(), {
      eventType: TYPE,
      bucket: bucketAt(1),
      fencingToken,
      decision: {},
    });
    await recordPartitionBooks(ledger(), {
      partitionId,
      batches: stagedFiles,
      fates: [fatesOf('g-3', { delivered: 0, duplicates: 10 })],
      numbering: { numbered: 0, unnumbered: 10, untracked: 0 },
    });
    await commitPartition(ledger(), {
      partitionId,
      fencingToken,
      counts: {
        accepted: 10,
        delivered: 0,
        duplicates: 10,
        refused: 0,
        conflicts: 0,
        skewed: 10,
      },
      files: [],
      manifest: { path: 'n/manifest.json', sha256: SHA256 },
      refusedAtSealing: [],
      sealedAt: minutes(4),
    });
    const lines = await gatewayLines();
    expect(lines[0]).not.toHaveProperty('delivered');
    expect(lines[2]).toMatchObject({
      gateway: 'g-3',
      delivered: 0,
      duplicates: 10,
      refused: 0,
      difference: 0,
    });
    await expect(checkBalance(ledger(), RANGE)).resolves.toMatchObject({
      unbalanced: [],
      total: { accepted: 30, delivered: 20, duplicates: 10, difference: 0 },
    });
  });
});
