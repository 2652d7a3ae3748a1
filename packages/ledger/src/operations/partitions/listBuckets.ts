import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionRecord } from '../../types';
import {
  IS_CURRENT,
  IS_FORCED,
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** A bucket that is closed, in the revision that readers see. @public */
export interface BucketRecord extends PartitionRecord {
  /** It was closed by order of a person. */
  isForced: boolean;
}

/** Exported so that a test can look at its plan. */
export const LIST_BUCKETS_SQL = `
  SELECT ${PARTITION_COLUMNS}, ${IS_FORCED} AS "isForced" FROM partitions p
  WHERE p.event_type = :eventType
    AND p.bucket_start >= :from AND p.bucket_start < :to AND ${IS_CURRENT}
  ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT :limit`;

/**
 * The closed buckets of an event type that begin in a range, newest first, with
 * the stages of their first delivery. Reads along the unique index.
 *
 * @public
 */
export async function listBuckets(
  db: Knex,
  options: { eventType: string; from: Date; to: Date; limit: number },
): Promise<BucketRecord[]> {
  const rows = await queryRows<PartitionRow & { isForced: boolean }>(
    db,
    LIST_BUCKETS_SQL,
    { ...options },
  );
  return rows.map(row => ({
    ...toPartitionRecord(row),
    isForced: row.isForced,
  }));
}
