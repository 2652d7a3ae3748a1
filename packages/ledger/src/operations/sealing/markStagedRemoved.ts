import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Notes that the staged files of sealed partitions are gone: no revision can be
 * made from them any more.
 *
 * @public
 */
export async function markStagedRemoved(
  db: Knex,
  options: { partitionIds: string[] },
): Promise<void> {
  await queryCount(
    db,
    `UPDATE partitions SET staged_removed_at = now()
     WHERE partition_id = ANY (:partitionIds::bigint[]) AND state = 'sealed'
       AND staged_removed_at IS NULL`,
    { partitionIds: options.partitionIds },
  );
}
