import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A sealed partition and the staged files it was sealed from. @public */
export interface StagedToRemove {
  partitionId: string;
  paths: string[];
  bytes: number;
}

/**
 * Sealed partitions whose staged files are no longer kept, oldest first: those
 * sealed before the given time, and, when the staged files of all sealed
 * partitions together take more than `maxBytes`, the oldest beyond that.
 *
 * Those that an open revision operation needs are not among them, and do not count
 * towards `maxBytes`.
 *
 * A clock that is ahead does not help: nothing is given by age that was sealed
 * within `retentionMs` by the database's clock too.
 *
 * @public
 */
export async function listStagedToRemove(
  db: Knex,
  options: {
    now: Date;
    retentionMs: number;
    maxBytes: number;
    limit: number;
  },
): Promise<StagedToRemove[]> {
  const rows = await queryRows<{
    partitionId: string;
    paths: string[];
    bytes: string;
  }>(
    db,
    `WITH kept AS (
       SELECT partition_id, sealed_at, staged_bytes FROM partitions
       WHERE state = 'sealed' AND staged_removed_at IS NULL
         -- From these a revision is being made, or tried out.
         AND partition_id NOT IN (
           SELECT c.from_partition_id FROM revision_changes c
           JOIN revision_operations o USING (operation_id)
           WHERE o.state IN ('previewing', 'previewed', 'running'))
     ),
     oldest AS (
       SELECT * FROM kept ORDER BY sealed_at, partition_id LIMIT :limit
     ),
     -- What goes by age and what goes by size are both the oldest ones, so no
     -- others have to be looked at.
     counted AS (
       SELECT *, sum(staged_bytes) OVER (ORDER BY sealed_at, partition_id)
         - staged_bytes AS older_bytes
       FROM oldest
     )
     SELECT c.partition_id::text AS "partitionId", c.staged_bytes AS bytes,
       ARRAY(SELECT DISTINCT staged_file FROM staged_batches s
             WHERE s.partition_id = c.partition_id) AS paths
     FROM counted c
     WHERE c.older_bytes <
         (SELECT coalesce(sum(staged_bytes), 0) FROM kept) - :maxBytes
       OR c.sealed_at < least(:now::timestamptz, now())
         - :retentionMs * interval '1 millisecond'
     ORDER BY c.sealed_at, c.partition_id`,
    { ...options },
  );
  return rows.map(row => ({ ...row, bytes: Number(row.bytes) }));
}
