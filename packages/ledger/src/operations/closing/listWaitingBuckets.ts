import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket } from '../../types';

/** @public */
export interface WaitingBucketSummary {
  bucket: Bucket;
  waitingSince: Date;
  decidedAt: Date;
  /** Somebody has ordered that it be closed all the same. */
  isForced: boolean;
  /** Why it waits. */
  reasons: { code: string; message: string }[];
}

/**
 * The buckets of an event type that are over and may not be closed yet, oldest
 * first: the oldest is what whoever waits for data waits for.
 *
 * @public
 */
export async function listWaitingBuckets(
  db: Knex,
  options: {
    eventType: string;
    /** Only buckets that start then or later. */
    from?: Date;
    /** Only buckets that start before. */
    to?: Date;
    limit: number;
  },
): Promise<WaitingBucketSummary[]> {
  const rows = await queryRows<
    Omit<WaitingBucketSummary, 'bucket'> & {
      bucketStart: Date;
      bucketSeconds: number;
    }
  >(
    db,
    `SELECT bucket_start AS "bucketStart", bucket_seconds AS "bucketSeconds",
       waiting_since AS "waitingSince", decided_at AS "decidedAt",
       coalesce(decision -> 'reasons', '[]') AS reasons,
       EXISTS (
         SELECT FROM forced_closings f WHERE f.event_type = w.event_type
           AND f.bucket_start = w.bucket_start
       ) AS "isForced"
     FROM waiting_buckets w
     WHERE event_type = :eventType
       AND bucket_start >= :from AND bucket_start < :to
       AND NOT EXISTS (
         SELECT FROM partitions p WHERE p.event_type = w.event_type
           AND p.bucket_start = w.bucket_start
       )
     ORDER BY bucket_start LIMIT :limit`,
    {
      eventType: options.eventType,
      from: options.from ?? '-infinity',
      to: options.to ?? 'infinity',
      limit: options.limit,
    },
  );
  return rows.map(({ bucketStart, bucketSeconds, ...row }) => ({
    ...row,
    bucket: { start: bucketStart, seconds: bucketSeconds },
  }));
}
