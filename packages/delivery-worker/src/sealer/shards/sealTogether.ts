import { setTimeout as pause } from 'node:timers/promises';
import {
  offerShards,
  readShards,
  ShardProgress,
  takeShard,
} from '@millrace/ledger';
import { SealerError } from '../errors';
import { SealedShard } from '../sealing/sealShard';
import { readResult, ShardJob, takeFolder, writeJob } from './shardFiles';
import { SHARD_HOLD_MS, ShardWorkOptions, workOnShard } from './workOnShard';

/** After so many takers something is wrong with the shard, not with them. */
const MAX_TAKES = 4;
const LOOK_MS = 200;

export interface TogetherOptions extends ShardWorkOptions {
  workerId: string;
  partitionId: string;
  fencingToken: bigint;
  /** Throws when the lease on the event type is no longer ours. */
  assertLease(): Promise<void>;
  /** Where all workers see it; holds the folders of the shards. */
  folder: string;
  /** With the number of each. */
  shards: { shard: number; folder: string }[];
  job: ShardJob;
}

/**
 * Seals the shards of a bucket, with the help of whichever workers have time: all
 * take shards from the ledger, this one too, until none is left.
 *
 * Guarantees: every shard counts once, as the last to take it made it; without
 * any help all are done by this worker. What it gives back is what sealing one
 * after the other would have given. A crash leaves shards on offer that others go
 * on with for nothing, until the next attempt takes them back. The folder is the
 * caller's to remove, when it has no more use of what lies there.
 *
 * @throws SealerError with code `shard_failed` when a shard fails everywhere
 */
export async function sealTogether(
  options: TogetherOptions,
): Promise<SealedShard[]> {
  const { ledger, workerId, partitionId, fencingToken } = options;
  await writeJob(options.folder, options.job);
  await offerShards(ledger, {
    partitionId,
    fencingToken,
    worker: workerId,
    shards: options.shards,
  });
  for (;;) {
    await options.assertLease();
    const taken = await takeShard(ledger, {
      worker: workerId,
      holdMs: SHARD_HOLD_MS,
      partitionId,
    });
    if (taken) {
      await workOnShard(options, taken);
      continue;
    }
    const shards = await readShards(ledger, { partitionId, fencingToken });
    if (shards.length !== options.shards.length) {
      throw new SealerError(
        'lease_lost',
        `Another attempt to seal partition ${partitionId} has begun`,
      );
    }
    if (shards.every(({ resultSha256 }) => resultSha256 !== undefined)) {
      return await Promise.all(shards.map(readShard));
    }
    failAfter(shards);
    await pause(LOOK_MS);
  }
}

function readShard({
  folder,
  takes,
  resultSha256 = '',
}: ShardProgress): Promise<SealedShard> {
  // Only the last to take it could say that it is done.
  return readResult(takeFolder(folder, takes), resultSha256);
}

function failAfter(shards: ShardProgress[]): void {
  const failed = shards.find(
    ({ resultSha256, takes }) => !resultSha256 && takes > MAX_TAKES,
  );
  if (failed) {
    throw new SealerError(
      'shard_failed',
      `Shard ${failed.shard} was taken ${failed.takes} times and is not done; the log of ${failed.worker} says why`,
    );
  }
}
