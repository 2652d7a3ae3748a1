import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket } from '../../types';
import { ForcedClosing, readForcedClosing } from '../closing/readForcedClosing';

/** More gaps than anyone can act on; the rest of a longer list is not told. */
const MAX_MISSING_LISTED = 1000;

/** What one life of a gateway says about one bucket of one event type. @public */
export interface ClosingInputsOfGateway {
  gateway: string;
  epoch: string;
  /** Whether the ledger knows the gateway from itself, not only from batches. */
  registered: boolean;
  startedAt: Date;
  endedAt?: Date;
  leaseExpiresAt: Date;
  /** It has said that it published all it ever will for the bucket. */
  declared: boolean;
  /** The highest batch number: declared, or else the highest staged; 0 = none. */
  lastBatch: number;
  /** Published without the broker's confirmation: may or may not arrive. */
  abandonedBatches: number[];
  declaredEvents: number;
  stagedBatches: number;
  stagedEvents: number;
  /** Arrived and could not be read; kept aside, and not waited for. */
  poisonBatches: number[];
  /**
   * 1..lastBatch without those staged, poison or abandoned; at most 1,000 are
   * listed.
   */
  missingBatches: number[];
}

/** @public */
export interface ClosingInputs {
  gateways: ClosingInputsOfGateway[];
  /** The database's clock: no reader whose clock runs ahead sees lives end. */
  readAt: Date;
  /** Somebody has ordered that the bucket be closed whatever is missing. */
  forced?: ForcedClosing;
}

/**
 * Reads what the decision to close a bucket rests on: every life of a gateway
 * that was alive in the bucket, declared it, or has batches of it.
 *
 * Batches count by receive bucket, wherever they land: the question is whether
 * everything a gateway published has arrived. A gateway known only from its
 * batches (it never reached the ledger) has the span of their publish times for
 * its life.
 *
 * @public
 */
export async function readClosingInputs(
  db: Knex,
  options: { eventType: string; bucket: Bucket },
): Promise<ClosingInputs> {
  const { eventType, bucket } = options;
  // First: a lease that is renewed while we read must not seem to have expired.
  const [{ readAt }] = await queryRows<{ readAt: Date }>(
    db,
    `SELECT clock_timestamp() AS "readAt"`,
  );
  const rows = await queryRows<
    Omit<ClosingInputsOfGateway, 'endedAt'> & { endedAt: Date | null }
  >(
    db,
    `WITH staged AS (
       SELECT gateway, epoch, batch, events, published_at FROM staged_batches
       WHERE event_type = :eventType AND bucket_start = :start
     ),
     arrived AS (
       SELECT gateway, epoch, count(*)::integer AS batches,
         sum(events)::float8 AS events, max(batch) AS last_batch,
         min(published_at) AS first_at, max(published_at) AS last_at
       FROM staged GROUP BY gateway, epoch
     ),
     poison AS (
       SELECT gateway, epoch, array_agg(DISTINCT batch ORDER BY batch) AS batches
       FROM poison_batches
       WHERE event_type = :eventType AND bucket_start = :start
       GROUP BY gateway, epoch
     ),
     declared AS (
       SELECT d.gateway, d.epoch, coalesce(c.last_batch, 0) AS last_batch,
         coalesce(c.abandoned_batches, '{}') AS abandoned,
         coalesce(c.events, 0)::float8 AS events
       FROM gateway_buckets d LEFT JOIN gateway_bucket_counts c
         ON c.event_type = :eventType AND c.bucket_start = d.bucket_start
         AND c.gateway = d.gateway AND c.epoch = d.epoch
         AND d.bucket_start = :start
       -- A longer bucket, from before the length was changed, covers this one:
       -- the gateway has no bucket of its own that begins here.
       WHERE d.bucket_start BETWEEN :start::timestamptz - interval '1 hour'
           AND :start
         AND d.bucket_start + d.bucket_seconds * interval '1 second' > :start
     ),
     alive AS (
       SELECT gateway, epoch FROM gateways
       WHERE started_at < :end AND coalesce(ended_at, lease_expires_at) > :start
     ),
     life AS (
       SELECT gateway, epoch FROM alive
       UNION SELECT gateway, epoch FROM declared
       UNION SELECT gateway, epoch FROM arrived
       UNION SELECT gateway, epoch FROM poison
     )
     SELECT l.gateway, l.epoch, g.gateway IS NOT NULL AS registered,
       coalesce(g.started_at, a.first_at, :start) AS "startedAt",
       g.ended_at AS "endedAt",
       coalesce(g.lease_expires_at, a.last_at, :end) AS "leaseExpiresAt",
       d.gateway IS NOT NULL AS declared,
       n.last_batch AS "lastBatch",
       coalesce(d.abandoned, '{}') AS "abandonedBatches",
       coalesce(d.events, 0) AS "declaredEvents",
       coalesce(a.batches, 0) AS "stagedBatches",
       coalesce(a.events, 0) AS "stagedEvents",
       coalesce(p.batches, '{}') AS "poisonBatches",
       ARRAY(
         SELECT b FROM generate_series(1, n.last_batch) AS b
         WHERE b <> ALL (coalesce(d.abandoned, '{}'))
           AND b <> ALL (coalesce(p.batches, '{}'))
           AND NOT EXISTS (
             SELECT FROM staged_batches s
             WHERE s.event_type = :eventType AND s.bucket_start = :start
               AND s.gateway = l.gateway AND s.epoch = l.epoch AND s.batch = b
           )
         ORDER BY b LIMIT :maxMissing
       ) AS "missingBatches"
     FROM life l
     LEFT JOIN gateways g USING (gateway, epoch)
     LEFT JOIN declared d USING (gateway, epoch)
     LEFT JOIN arrived a USING (gateway, epoch)
     LEFT JOIN poison p USING (gateway, epoch),
     LATERAL (SELECT coalesce(d.last_batch, a.last_batch, 0) AS last_batch) n
     ORDER BY l.gateway, "startedAt", l.epoch`,
    {
      eventType,
      start: bucket.start,
      end: new Date(bucket.start.getTime() + bucket.seconds * 1000),
      maxMissing: MAX_MISSING_LISTED,
    },
  );
  return {
    readAt,
    forced: await readForcedClosing(db, {
      eventType,
      bucketStart: bucket.start,
    }),
    gateways: rows.map(row => ({ ...row, endedAt: row.endedAt ?? undefined })),
  };
}
