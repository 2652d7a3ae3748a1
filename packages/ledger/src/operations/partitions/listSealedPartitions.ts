import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  SEALED_PARTITION_COLUMNS,
  SealedPartitionRecord,
  SealedPartitionRow,
  toSealedPartition,
} from './sealedPartitionRow';

/** @public */
export interface ListSealedPartitionsOptions {
  eventType: string;
  /** Only buckets that start then or later. */
  from?: Date;
  /** Only buckets that start before. */
  to?: Date;
  /** Only this revision of each bucket. */
  revision?: number;
  /** Also those that a later revision has replaced. */
  includeSuperseded: boolean;
  /** The last row of the page before. */
  after?: { bucketStart: Date; revision: number };
  limit: number;
}

/**
 * The sealed revisions of an event type, oldest bucket first, revisions of a
 * bucket in their order. Reads along the unique index.
 *
 * @public
 */
export async function listSealedPartitions(
  db: Knex,
  options: ListSealedPartitionsOptions,
): Promise<SealedPartitionRecord[]> {
  const { eventType, from, to, revision, after, limit } = options;
  const rows = await queryRows<SealedPartitionRow>(
    db,
    listSealedPartitionsSql(options),
    {
      eventType,
      from: from ?? '-infinity',
      to: to ?? 'infinity',
      ...(revision !== undefined && { revision }),
      ...(after && {
        afterStart: after.bucketStart,
        afterRevision: after.revision,
      }),
      limit,
    },
  );
  return rows.map(toSealedPartition);
}

/**
 * Exported so that a test can look at its plan. A condition that is always true
 * would not be free: Postgres takes it for a selective one, and then sorts.
 */
export function listSealedPartitionsSql(
  options: Pick<
    ListSealedPartitionsOptions,
    'includeSuperseded' | 'revision' | 'after'
  >,
): string {
  return `
    SELECT ${SEALED_PARTITION_COLUMNS} FROM partitions p
    WHERE p.event_type = :eventType
      AND p.bucket_start >= :from AND p.bucket_start < :to
      AND p.state = 'sealed'
      ${
        options.after
          ? 'AND (p.bucket_start, p.revision) > (:afterStart, :afterRevision)'
          : ''
      }
      ${options.revision === undefined ? '' : 'AND p.revision = :revision'}
      ${options.includeSuperseded ? '' : 'AND p.superseded_at IS NULL'}
    ORDER BY p.event_type, p.bucket_start, p.revision LIMIT :limit`;
}
