import { takeShard } from '@millrace/ledger';
import { Logger } from '../../logger';
import { messageOf } from '../errors';
import { SHARD_HOLD_MS, ShardWorkOptions, workOnShard } from './workOnShard';

export interface HelpOptions extends ShardWorkOptions {
  workerId: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Asked before each shard. */
  isClosing(): boolean;
}

/**
 * Works on shards that other workers offer, until there is none left.
 *
 * One that cannot be worked on is left to others, and ends the round: whoever
 * offered it tries it as well, and says what is wrong with the bucket.
 *
 * @returns how many it has done
 */
export async function helpWithShards(options: HelpOptions): Promise<number> {
  const { ledger, workerId, logger } = options;
  let done = 0;
  while (!options.isClosing()) {
    const taken = await takeShard(ledger, {
      worker: workerId,
      holdMs: SHARD_HOLD_MS,
    });
    if (!taken) {
      break;
    }
    const { partitionId, shard } = taken;
    try {
      if (await workOnShard(options, taken)) {
        done += 1;
        logger.info(`Sealed shard ${shard} of partition ${partitionId}`, {
          partitionId,
          shard,
        });
      }
    } catch (error) {
      logger.warn(
        `Cannot seal shard ${shard} of partition ${partitionId}: ${messageOf(
          error,
        )}`,
        { partitionId, shard },
      );
      break;
    }
  }
  return done;
}
