import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Tier } from '../../types';

/** @public */
export interface SummarizeTiersOptions {
  eventTypes: string[];
  /** Over buckets that ended since. */
  since: Date;
  /** Per tier, the lateness up to which a partition is on time, in ms. */
  objectivesMs: Record<Tier, number>;
}

/** @public */
export interface TierSummary {
  tier: Tier;
  eventTypes: number;
  /** Partitions of first delivery; revisions of later do not count. */
  sealed: number;
  /** Of those, how many were not later than the objective. */
  onTime: number;
  /** Buckets that wait and are later than the objective already. */
  overdue: number;
}

/**
 * How well each tier keeps its objective. A bucket that is overdue and still
 * not sealed counts against it at once, not only when it is sealed at last.
 *
 * @public
 */
export async function summarizeTiers(
  db: Knex,
  options: SummarizeTiersOptions,
): Promise<TierSummary[]> {
  const { eventTypes, since, objectivesMs } = options;
  return queryRows<TierSummary>(
    db,
    `WITH wanted AS (
       SELECT event_type, tier, objective * interval '1 millisecond' AS objective
       FROM event_types
       JOIN (VALUES ('critical', :critical::float8), ('normal', :normal::float8),
         ('low', :low::float8)) AS o (tier, objective) USING (tier)
       WHERE event_type = ANY (:eventTypes::text[])
     ),
     sealed AS (
       SELECT w.tier, count(*)::integer AS sealed,
         count(*) FILTER (
           WHERE p.sealed_at - p.bucket_end <= w.objective
         )::integer AS on_time
       FROM wanted w JOIN partitions p ON p.event_type = w.event_type
         -- No bucket is longer than an hour; this is what the index can use.
         AND p.bucket_start >= :since::timestamptz - interval '1 hour'
         AND p.bucket_end >= :since AND p.revision = 1 AND p.state = 'sealed'
       GROUP BY w.tier
     ),
     overdue AS (
       SELECT w.tier, count(*)::integer AS overdue
       FROM wanted w JOIN waiting_buckets b USING (event_type)
       WHERE b.bucket_start + b.bucket_seconds * interval '1 second'
           + w.objective < now()
         AND NOT EXISTS (
           SELECT FROM partitions p WHERE p.event_type = b.event_type
             AND p.bucket_start = b.bucket_start AND p.state = 'sealed'
         )
       GROUP BY w.tier
     )
     SELECT w.tier, count(*)::integer AS "eventTypes",
       coalesce(max(s.sealed), 0) AS sealed,
       coalesce(max(s.on_time), 0) AS "onTime",
       coalesce(max(o.overdue), 0) AS overdue
     FROM wanted w LEFT JOIN sealed s USING (tier)
       LEFT JOIN overdue o USING (tier)
     GROUP BY w.tier
     ORDER BY array_position(ARRAY['critical', 'normal', 'low'], w.tier)`,
    { eventTypes, since, ...objectivesMs },
  );
}
