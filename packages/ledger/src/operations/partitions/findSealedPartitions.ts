import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  SEALED_PARTITION_COLUMNS,
  SealedPartitionRecord,
  SealedPartitionRow,
  toSealedPartition,
} from './sealedPartitionRow';

/** Names the buckets to look for. @public */
export interface BucketKey {
  eventType: string;
  bucketStart: Date;
}

/**
 * The current revisions of those of the given buckets that are sealed, in one
 * statement however many are asked for: so can many wait for one another's
 * price.
 *
 * @public
 */
export async function findSealedPartitions(
  db: Knex,
  options: { buckets: BucketKey[] },
): Promise<SealedPartitionRecord[]> {
  const { buckets } = options;
  const rows = await queryRows<SealedPartitionRow>(
    db,
    `SELECT ${SEALED_PARTITION_COLUMNS}
     FROM unnest(:eventTypes::text[], :starts::timestamptz[])
       AS k (event_type, bucket_start)
     JOIN partitions p USING (event_type, bucket_start)
     WHERE p.state = 'sealed' AND p.superseded_at IS NULL`,
    {
      eventTypes: buckets.map(({ eventType }) => eventType),
      starts: buckets.map(({ bucketStart }) => bucketStart.toISOString()),
    },
  );
  return rows.map(toSealedPartition);
}
