import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket, Tier } from '../../types';

/** A partition that was sealed later than its tier allows. @public */
export interface LatePartition {
  eventType: string;
  tier: Tier;
  bucket: Bucket;
  sealedAt: Date;
  /** `sealedAt` minus the end of the bucket. */
  latenessMs: number;
}

/** @public */
export interface LatePartitions {
  /** Latest sealed first. */
  items: LatePartition[];
  total: number;
}

/** @public */
export interface ListLatePartitionsOptions {
  /** `undefined` is all. */
  eventTypes?: string[];
  /** Sealed since. */
  since: Date;
  /** Per tier, the lateness up to which a partition is on time, in ms. */
  objectivesMs: Record<Tier, number>;
  limit: number;
}

/**
 * The partitions of first delivery that were sealed late, of all given event
 * types in one statement. Revisions of later are not late deliveries.
 *
 * @public
 */
export async function listLatePartitions(
  db: Knex,
  options: ListLatePartitionsOptions,
): Promise<LatePartitions> {
  const { eventTypes, since, objectivesMs, limit } = options;
  const rows = await queryRows<
    Omit<LatePartition, 'bucket'> & {
      bucketStart: Date;
      bucketSeconds: number;
      total: number;
    }
  >(
    db,
    `SELECT p.event_type AS "eventType", t.tier,
       p.bucket_start AS "bucketStart", p.bucket_seconds AS "bucketSeconds",
       p.sealed_at AS "sealedAt",
       (extract(epoch FROM p.sealed_at - p.bucket_end) * 1000)::float8
         AS "latenessMs",
       count(*) OVER ()::integer AS total
     FROM event_types t
     JOIN (VALUES ('critical', :critical::float8), ('normal', :normal::float8),
       ('low', :low::float8)) AS o (tier, objective) USING (tier)
     JOIN partitions p ON p.event_type = t.event_type
       AND p.sealed_at >= :since AND p.state = 'sealed' AND p.revision = 1
       AND p.sealed_at - p.bucket_end > o.objective * interval '1 millisecond'
     WHERE (:eventTypes::text[] IS NULL
       OR t.event_type = ANY (:eventTypes::text[]))
     ORDER BY p.sealed_at DESC, p.event_type, p.bucket_start DESC
     LIMIT :limit`,
    { eventTypes: eventTypes ?? null, since, limit, ...objectivesMs },
  );
  return {
    items: rows.map(({ bucketStart, bucketSeconds, total: _, ...row }) => ({
      ...row,
      bucket: { start: bucketStart, seconds: bucketSeconds },
    })),
    total: rows[0]?.total ?? 0,
  };
}
