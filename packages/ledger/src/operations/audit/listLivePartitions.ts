import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface LivePartition {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  revision: number;
}

/**
 * The sealed partitions that readers should find in the lake, by event type and
 * bucket, a page at a time.
 *
 * @public
 */
export async function listLivePartitions(
  db: Knex,
  options: {
    /** The last row of the page before. */
    after?: { eventType: string; bucketStart: Date };
    limit: number;
  },
): Promise<LivePartition[]> {
  const { after, limit } = options;
  return queryRows<LivePartition>(
    db,
    `SELECT partition_id AS "partitionId", event_type AS "eventType",
       bucket_start AS "bucketStart", bucket_seconds AS "bucketSeconds",
       revision
     FROM partitions
     WHERE state = 'sealed' AND superseded_at IS NULL
       ${
         after
           ? 'AND (event_type, bucket_start) > (:eventType, :bucketStart)'
           : ''
       }
     ORDER BY event_type, bucket_start LIMIT :limit`,
    { limit, ...after },
  );
}
