import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionRecord } from '../../types';
import {
  IS_CURRENT,
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** @public */
export interface ListPartitionsOptions {
  eventType: string;
  /** Only buckets that start before it: the last row of the page before. */
  before?: Date;
  limit: number;
  /** Whether to list sealed partitions without a delivered event. */
  includeEmpty: boolean;
}

/**
 * The partitions of an event type, newest bucket first, each in the
 * revision that readers see. Reads along the unique index, so a page costs the same in a year of
 * history as in a day.
 *
 * @public
 */
export async function listPartitions(
  db: Knex,
  options: ListPartitionsOptions,
): Promise<PartitionRecord[]> {
  const { eventType, before, limit, includeEmpty } = options;
  const rows = await queryRows<PartitionRow>(
    db,
    listPartitionsSql({ includeEmpty }),
    { eventType, before: before ?? 'infinity', limit },
  );
  return rows.map(toPartitionRecord);
}

/** Exported so that a test can look at its plan. */
export function listPartitionsSql(options: { includeEmpty: boolean }): string {
  return `
    SELECT ${PARTITION_COLUMNS} FROM partitions p
    WHERE p.event_type = :eventType AND p.bucket_start < :before
      AND ${IS_CURRENT}
      ${
        options.includeEmpty
          ? ''
          : `AND (p.state <> 'sealed' OR p.delivered > 0)`
      }
    ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT :limit`;
}
