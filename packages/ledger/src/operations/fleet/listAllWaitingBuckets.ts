import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket, Tier } from '../../types';

/** A bucket that waits, of whatever event type. @public */
export interface FleetWaitingBucket {
  eventType: string;
  tier: Tier;
  bucket: Bucket;
  waitingSince: Date;
  decidedAt: Date;
  /** The worker that decided. */
  worker: string;
  /** Somebody has ordered that it be closed all the same. */
  isForced: boolean;
  /** Why it waits. */
  reasons: { code: string; message: string }[];
}

/** @public */
export interface FleetWaitingBuckets {
  /** Oldest end first. */
  items: FleetWaitingBucket[];
  /** How many there are, however many `items` has. */
  total: number;
}

/**
 * The buckets of all given event types that are over and may not be closed yet,
 * oldest first, in one statement.
 *
 * @param options - `eventTypes`: `undefined` is all
 *
 * @public
 */
export async function listAllWaitingBuckets(
  db: Knex,
  options: { eventTypes?: string[]; limit: number },
): Promise<FleetWaitingBuckets> {
  const rows = await queryRows<
    Omit<FleetWaitingBucket, 'bucket'> & {
      bucketStart: Date;
      bucketSeconds: number;
      total: number;
    }
  >(
    db,
    `SELECT w.event_type AS "eventType", t.tier,
       w.bucket_start AS "bucketStart", w.bucket_seconds AS "bucketSeconds",
       w.waiting_since AS "waitingSince", w.decided_at AS "decidedAt", w.worker,
       coalesce(w.decision -> 'reasons', '[]') AS reasons,
       EXISTS (
         SELECT FROM forced_closings f WHERE f.event_type = w.event_type
           AND f.bucket_start = w.bucket_start
       ) AS "isForced",
       count(*) OVER ()::integer AS total
     FROM waiting_buckets w JOIN event_types t USING (event_type)
     WHERE (:eventTypes::text[] IS NULL
         OR w.event_type = ANY (:eventTypes::text[]))
       AND NOT EXISTS (
         SELECT FROM partitions p WHERE p.event_type = w.event_type
           AND p.bucket_start = w.bucket_start
       )
     ORDER BY w.bucket_start + w.bucket_seconds * interval '1 second',
       w.event_type
     LIMIT :limit`,
    { eventTypes: options.eventTypes ?? null, limit: options.limit },
  );
  return {
    items: rows.map(({ bucketStart, bucketSeconds, total: _, ...row }) => ({
      ...row,
      bucket: { start: bucketStart, seconds: bucketSeconds },
    })),
    total: rows[0]?.total ?? 0,
  };
}
