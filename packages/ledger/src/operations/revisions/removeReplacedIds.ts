import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { LedgerError } from '../../errors';

/** How many ids of a replaced partition lie in a file that counts. @public */
export interface ReplacedIds {
  idFileId: string;
  bucketStart: Date;
  rows: number;
}

/**
 * Takes the ids of replaced partitions out of count: a file that holds no others
 * as a whole, and of a merged file those of the bucket.
 *
 * Each id of a partition lies in one file that counts. `id_files_changed` unless
 * what is removed is as many ids as the partition delivers, from files that
 * count: then no id is forgotten that is still delivered, and none stays that is
 * not.
 */
export async function removeReplacedIds(
  tx: Knex.Transaction,
  options: {
    eventType: string;
    changes: { bucketStart: Date; deliveredBefore: number }[];
    replacedIds: ReplacedIds[];
  },
): Promise<void> {
  const { eventType, changes, replacedIds } = options;
  for (const { bucketStart, deliveredBefore } of changes) {
    const found = replacedIds.filter(
      ids => ids.bucketStart.getTime() === bucketStart.getTime(),
    );
    const rows = found.reduce((sum, ids) => sum + ids.rows, 0);
    if (rows !== deliveredBefore) {
      throw changed(eventType, bucketStart);
    }
    for (const { idFileId, rows: removed } of found) {
      const written = await queryCount(
        tx,
        `UPDATE id_files SET
           retired_at = CASE WHEN rows = :removed THEN now() END,
           without_buckets = CASE WHEN rows = :removed THEN without_buckets
             ELSE without_buckets || :bucketStart::timestamptz END,
           rows = CASE WHEN rows = :removed THEN rows ELSE rows - :removed END
         WHERE event_type = :eventType AND id_file_id = :idFileId
           AND retired_at IS NULL AND rows >= :removed
           AND :bucketStart::timestamptz <> ALL (without_buckets)`,
        { eventType, idFileId, bucketStart, removed },
      );
      if (written === 0) {
        throw changed(eventType, bucketStart);
      }
    }
  }
}

function changed(eventType: string, bucketStart: Date): LedgerError {
  return new LedgerError(
    'id_files_changed',
    `The ids of bucket ${bucketStart.toISOString()} of ${eventType} are not where they were found: their files were merged meanwhile`,
  );
}
