import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket, Tier } from '../../types';

/** @public */
export interface ListBucketsToCloseOptions {
  now: Date;
  /** How long after a bucket's end it becomes due. */
  graceMs: number;
  limit: number;
}

/** @public */
export interface BucketToClose {
  eventType: string;
  bucket: Bucket;
  tier: Tier;
}

/**
 * The buckets that are due for sealing, of all event types, in one statement.
 *
 * A bucket is due when its end and the grace have passed, it has no sealed
 * partition, and one of these holds:
 * - its partition is in state `sealing` (a sealer died): these come first;
 * - staged batches land in it, whether or not its type still exists;
 * - its type was provisioned before the bucket ended, and some gateway was
 *   alive in it. So a bucket without events gets its empty partition, which
 *   says "nothing was sent", while a night with everything switched off gets
 *   none, because nobody was there to say so.
 *
 * Revisions in the making are none of these: they have a loop of their own.
 *
 * Of the unfinished ones those that may be published already come first, because
 * no other one of their type can be before them.
 * After the unfinished ones: critical types first, then the oldest bucket. When
 * there are more than `limit`, a tenth of it is kept for the oldest of each tier,
 * or a tier with enough of its own would hide all others for ever.
 *
 * Cost: alive buckets are generated once per gateway life, not per type, and
 * only from `event_types.closed_through` on, before which nothing is left to do
 * (see `advanceClosedThrough`). A bucket that cannot be closed for days keeps
 * that mark back for its own type only.
 *
 * @public
 */
export async function listBucketsToClose(
  db: Knex,
  options: ListBucketsToCloseOptions,
): Promise<BucketToClose[]> {
  const dueBefore = new Date(options.now.getTime() - options.graceMs);
  const rows = await queryRows<{
    eventType: string;
    bucketStart: Date;
    bucketSeconds: number;
    tier: Tier;
  }>(
    db,
    `WITH settings AS (
       SELECT bucket_seconds AS seconds,
         bucket_seconds * interval '1 second' AS length
       FROM config_snapshots ORDER BY generation DESC LIMIT 1
     ),
     provisioned AS (
       SELECT event_type, provisioned_at, closed_through
       FROM event_types WHERE removed_at IS NULL
     ),
     alive AS (
       SELECT DISTINCT bucket_start
       FROM settings, gateways g,
         LATERAL generate_series(
           date_bin(length,
             greatest(g.started_at, (SELECT min(closed_through) FROM provisioned)),
             timestamptz 'epoch'),
           least(coalesce(g.ended_at, g.lease_expires_at), :dueBefore),
           length
         ) AS bucket_start
       WHERE coalesce(g.ended_at, g.lease_expires_at) >
           (SELECT min(closed_through) FROM provisioned)
         AND bucket_start < coalesce(g.ended_at, g.lease_expires_at)
         AND bucket_start + length <= :dueBefore
     ),
     owed AS (
       SELECT t.event_type, a.bucket_start, s.seconds AS bucket_seconds,
         false AS is_sealing, false AS is_publishing
       FROM settings s CROSS JOIN alive a JOIN provisioned t
         ON a.bucket_start + s.length > t.closed_through
         AND a.bucket_start + s.length > t.provisioned_at
       WHERE NOT EXISTS (
         SELECT FROM partitions p
         WHERE p.event_type = t.event_type AND p.bucket_start = a.bucket_start
       )
       UNION ALL
       SELECT event_type, landing_start, landing_seconds, false, false
       FROM staged_batches
       WHERE consumed_at IS NULL AND partition_id IS NULL
         AND landing_start + landing_seconds * interval '1 second' <= :dueBefore
       UNION ALL
       SELECT event_type, bucket_start, bucket_seconds, true,
         publishing_since IS NOT NULL
       FROM partitions WHERE state = 'sealing' AND operation_id IS NULL
     ),
     due AS (
       SELECT o.event_type, o.bucket_start,
         max(o.bucket_seconds) AS bucket_seconds,
         coalesce(t.tier, 'normal') AS tier, bool_or(is_sealing) AS is_sealing,
         bool_or(is_publishing) AS is_publishing
       FROM owed o LEFT JOIN event_types t USING (event_type)
       GROUP BY o.event_type, o.bucket_start, t.tier
     ),
     chosen AS (
       SELECT * FROM (
         SELECT *, row_number() OVER (
           PARTITION BY tier ORDER BY bucket_start, event_type
         ) AS place
         FROM due
       ) AS placed
       ORDER BY is_publishing DESC, is_sealing DESC, place > :limit / 10,
         array_position(ARRAY['critical', 'normal', 'low'], tier), place
       LIMIT :limit
     )
     SELECT event_type AS "eventType", bucket_start AS "bucketStart",
       bucket_seconds AS "bucketSeconds", tier
     FROM chosen
     ORDER BY is_publishing DESC, is_sealing DESC,
       array_position(ARRAY['critical', 'normal', 'low'], tier),
       bucket_start, event_type`,
    { dueBefore, limit: options.limit },
  );
  return rows.map(({ eventType, bucketStart, bucketSeconds, tier }) => ({
    eventType,
    bucket: { start: bucketStart, seconds: bucketSeconds },
    tier,
  }));
}
