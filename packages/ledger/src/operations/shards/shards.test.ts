import {
  beginSealing,
  finishShard,
  holdShard,
  leaveShard,
  listShardFolders,
  offerShards,
  readShards,
  recordStagedBatches,
  takeShard,
} from '..';
import {
  bucketAt,
  claimSealLease,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { FencingError } from '../../errors';

jest.setTimeout(60_000);

const EVENT_TYPE = 'page.viewed';
const SHA = 'a'.repeat(64);
const HOLD_MS = 60_000;

describe('shards of a bucket that is being sealed', () => {
  const ledger = useLedger();

  async function begin(n = 0) {
    const bucket = bucketAt(n);
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ bucket })],
      now: bucket.start,
    });
    const fencingToken = await claimSealLease(ledger(), EVENT_TYPE);
    const { partitionId } = await beginSealing(ledger(), {
      eventType: EVENT_TYPE,
      bucket,
      fencingToken,
      decision: {},
    });
    return { partitionId, fencingToken };
  }

  async function offer(count: number, n = 0) {
    const attempt = await begin(n);
    await offerShards(ledger(), {
      ...attempt,
      worker: 'offering',
      shards: Array.from({ length: count }, (_, shard) => ({
        shard,
        folder: `/staging/.shards/${attempt.partitionId}/${shard}`,
      })),
    });
    return attempt;
  }

  const take = (worker: string, holdMs = HOLD_MS) =>
    takeShard(ledger(), { worker, holdMs });

  it('are taken once each, by whoever comes, however many come at once', async () => {
    await offer(5);
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, n) => take(`w-${n}`)),
    );
    const got = taken.flatMap(each => each ?? []);
    // One that meets another's lock passes by, and comes again.
    for (let more = await take('w'); more; more = await take('w')) {
      got.push(more);
    }
    expect(got.map(({ shard }) => shard).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(got.every(each => each.take === 1)).toBe(true);
  });

  it('are given to another when their holder is not heard of, and then count for the other alone', async () => {
    const attempt = await offer(1);
    const first = await take('w-1', 0);
    const second = await take('w-2');
    expect([first?.take, second?.take]).toEqual([1, 2]);

    const finish = (taken: typeof first) =>
      finishShard(ledger(), { taken: taken!, resultSha256: SHA });
    await expect(
      holdShard(ledger(), { taken: first!, holdMs: HOLD_MS }),
    ).resolves.toBe(false);
    await expect(finish(first)).resolves.toBe(false);
    await leaveShard(ledger(), { taken: first! });
    await expect(
      holdShard(ledger(), { taken: second!, holdMs: HOLD_MS }),
    ).resolves.toBe(true);
    await expect(finish(second)).resolves.toBe(true);
    await expect(finish(second)).resolves.toBe(false);
    await expect(readShards(ledger(), attempt)).resolves.toEqual([
      {
        shard: 0,
        folder: expect.any(String),
        worker: 'w-2',
        takes: 2,
        resultSha256: SHA,
      },
    ]);
    await expect(take('w-3')).resolves.toBeUndefined();
  });

  it('that were left are taken again', async () => {
    await offer(1);
    const first = await take('w-1');
    await expect(take('w-2')).resolves.toBeUndefined();
    await leaveShard(ledger(), { taken: first! });
    await expect(take('w-2')).resolves.toMatchObject({ take: 2 });
  });

  it('are those of the last attempt only', async () => {
    const first = await offer(2);
    const ofFirst = await take('w-1');
    const second = await offer(3);
    expect(second.partitionId).toBe(first.partitionId);
    await expect(readShards(ledger(), first)).resolves.toEqual([]);
    await expect(readShards(ledger(), second)).resolves.toHaveLength(3);
    await expect(
      finishShard(ledger(), { taken: ofFirst!, resultSha256: SHA }),
    ).resolves.toBe(false);
    await expect(
      offerShards(ledger(), { ...first, worker: 'w', shards: [] }),
    ).rejects.toThrow(FencingError);

    await expect(listShardFolders(ledger())).resolves.toHaveLength(3);
    await offerShards(ledger(), { ...second, worker: 'w', shards: [] });
    await expect(listShardFolders(ledger())).resolves.toEqual([]);
  });

  it('of one partition can be asked for alone', async () => {
    await offer(1, 0);
    const later = await offer(1, 1);
    const { partitionId } = later;
    const of = () =>
      takeShard(ledger(), { worker: 'w', holdMs: HOLD_MS, partitionId });
    await expect(of()).resolves.toMatchObject({ partitionId });
    await expect(of()).resolves.toBeUndefined();
    await expect(take('offering')).resolves.toBeUndefined();
    await expect(take('w')).resolves.toMatchObject({ shard: 0 });
  });
});
