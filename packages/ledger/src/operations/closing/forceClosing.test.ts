import {
  declareBucket,
  forceClosing,
  listWaitingBuckets,
  readClosingInputs,
  readForcedClosing,
  readWaitingBucket,
  recordStagedBatches,
  recordWaitingBuckets,
  registerGateway,
} from '..';
import {
  bucketAt,
  minutes,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const order = {
  eventType,
  bucketStart: bucketAt(0).start,
  reason: 'gateway g burned down',
  requestedBy: 'user:default/platform',
};

describe('closing a bucket by force', () => {
  const ledger = useLedger();

  const wait = (decision: unknown = { reasons: [] }, n = 0) =>
    recordWaitingBuckets(ledger(), {
      worker: 'worker-1',
      buckets: [{ eventType, bucket: bucketAt(n), decision }],
    });

  /** Gateway g has declared four batches of ten events, h nothing. */
  async function lackBatches() {
    await provision(ledger(), { [eventType]: 'normal' });
    for (const gateway of ['g', 'h']) {
      await registerGateway(ledger(), {
        gateway,
        epoch: 'e',
        startedAt: minutes(-1),
        url: 'http://g',
        pid: 1,
        now: minutes(0),
        leaseMs: 60_000,
      });
    }
    await recordStagedBatches(ledger(), {
      batches: [1, 3].map(batch => stagedBatch({ batch })),
      now: minutes(0.5),
    });
    await declareBucket(ledger(), {
      gateway: 'g',
      epoch: 'e',
      bucket: bucketAt(0),
      counts: [{ eventType, lastBatch: 4, abandonedBatches: [], events: 40 }],
    });
  }

  it('keeps who ordered it, why, and what was missing: gateway, epoch, batches, events at most', async () => {
    await lackBatches();
    await wait();
    const forced = await forceClosing(ledger(), order);
    expect(forced).toEqual({
      reason: order.reason,
      requestedBy: order.requestedBy,
      requestedAt: expect.any(Date),
      missing: {
        gateways: [
          {
            gateway: 'g',
            epoch: 'e',
            declared: true,
            batches: [2, 4],
            abandonedBatches: [],
            eventsAtMost: 20,
          },
          {
            gateway: 'h',
            epoch: 'e',
            declared: false,
            batches: [],
            abandonedBatches: [],
          },
        ],
      },
    });
    await expect(
      readClosingInputs(ledger(), { eventType, bucket: bucketAt(0) }),
    ).resolves.toMatchObject({ forced, readAt: expect.any(Date) });
    // The first order stands.
    await expect(
      forceClosing(ledger(), { ...order, reason: 'another reason' }),
    ).resolves.toEqual(forced);
  });

  it('is refused for a bucket that no sealer has found waiting, and for one with a partition', async () => {
    await lackBatches();
    const refused = { code: 'bucket_not_waiting' };
    await expect(forceClosing(ledger(), order)).rejects.toMatchObject(refused);
    await wait();
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    await expect(forceClosing(ledger(), order)).rejects.toMatchObject(refused);
    await expect(readForcedClosing(ledger(), order)).resolves.toBeUndefined();
  });

  it('remembers since when a bucket waits, and forgets it once it is sealed', async () => {
    await lackBatches();
    const reasons = [{ code: 'batches_missing', message: 'two are missing' }];
    await wait({ reasons }, 1);
    await wait({ reasons: [] });
    const first = await readWaitingBucket(ledger(), order);
    await wait({ reasons });
    const second = await readWaitingBucket(ledger(), order);
    expect(second).toMatchObject({
      waitingSince: first!.waitingSince,
      decision: { reasons },
      worker: 'worker-1',
    });
    expect(second!.decidedAt.getTime()).toBeGreaterThan(
      first!.decidedAt.getTime(),
    );
    await forceClosing(ledger(), order);
    const list = () => listWaitingBuckets(ledger(), { eventType, limit: 10 });
    await expect(list()).resolves.toMatchObject([
      { bucket: bucketAt(0), isForced: true, reasons },
      { bucket: bucketAt(1), isForced: false, reasons },
    ]);
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    await expect(list()).resolves.toHaveLength(1);
    await expect(readWaitingBucket(ledger(), order)).resolves.toBeUndefined();
    await wait({ reasons }, 1);
    await expect(
      ledger()('waiting_buckets').pluck('bucket_start'),
    ).resolves.toEqual([bucketAt(1).start]);
  });
});
