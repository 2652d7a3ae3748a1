import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { assertFencingToken } from '../leases/assertFencingToken';
import { sealResource } from './sealResource';

/** @public */
export interface BeginPublishingOptions {
  partitionId: string;
  /** Of the lease on `seal:<eventType>`. */
  fencingToken: bigint;
}

/**
 * Marks a partition that is about to be put into the lake. Called right before
 * publishing, and again by every further attempt.
 *
 * Guarantees: under a stale fencing token nothing happens and
 * {@link FencingError} is thrown. Of the partitions of an event type at most one
 * is marked and not yet sealed: while one is, `another_partition_is_publishing`
 * is thrown for every other. So when a partition is published, every earlier one
 * that readers can see has its ids in a file that counts, and none of its events
 * can be delivered again. The mark goes with the commit; there is no other way
 * to take it off, because nobody can know that a sealer that died, or only
 * stalled, has not published.
 *
 * @public
 */
export async function beginPublishing(
  db: Knex,
  options: BeginPublishingOptions,
): Promise<void> {
  const { partitionId, fencingToken } = options;
  await inTransaction(db, async tx => {
    const [partition] = await queryRows<{ eventType: string }>(
      tx,
      `SELECT event_type AS "eventType" FROM partitions
       WHERE partition_id = :partitionId FOR UPDATE`,
      { partitionId },
    );
    if (!partition) {
      throw new LedgerError(
        'partition_not_found',
        `There is no partition ${partitionId}`,
      );
    }
    const { eventType } = partition;
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    const marked = await queryCount(
      tx,
      `UPDATE partitions p SET publishing_since = coalesce(publishing_since, now())
       WHERE partition_id = :partitionId AND NOT EXISTS (
         SELECT FROM partitions o
         WHERE o.event_type = p.event_type AND o.state = 'sealing'
           AND o.publishing_since IS NOT NULL
           AND o.partition_id <> p.partition_id)`,
      { partitionId },
    );
    if (marked === 0) {
      throw new LedgerError(
        'another_partition_is_publishing',
        `Partition ${partitionId} of ${eventType} has to wait: another one may be published and is not sealed yet`,
      );
    }
  });
}
