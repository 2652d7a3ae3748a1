import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { FIRST_SEALED_AT, IS_CURRENT, IS_FORCED } from './partitionRow';

/** What became of the closed buckets of one span of time. @public */
export interface SpanSummary {
  start: Date;
  sealed: number;
  sealing: number;
  /** Of the sealed ones, those first sealed later than the objective. */
  late: number;
  /** Of the sealed ones, those without a delivered event. */
  empty: number;
  /** Those that readers see in a later revision than the first. */
  revised: number;
  /** Those closed by order of a person. */
  forced: number;
  /** Of the first delivery, over the sealed ones; missing without any. */
  lateness?: { medianMs: number; maxMs: number };
  /** In these partitions, received in an earlier bucket. */
  skewed: number;
  conflicts: number;
  bytes: number;
}

/** @public */
export interface SummarizeSpansOptions {
  eventType: string;
  from: Date;
  to: Date;
  /** The length of a span; spans begin at multiples of it. */
  seconds: number;
  /** The lateness up to which a bucket is on time. */
  objectiveMs: number;
}

/** Exported so that a test can look at its plan. */
export const SPANS_SQL = `
  SELECT date_bin(:seconds * interval '1 second', p.bucket_start,
      timestamptz 'epoch') AS start,
    (count(*) FILTER (WHERE p.state = 'sealed'))::integer AS sealed,
    (count(*) FILTER (WHERE p.state = 'sealing'))::integer AS sealing,
    (count(*) FILTER (WHERE l.ms > :objectiveMs))::integer AS late,
    (count(*) FILTER (WHERE p.state = 'sealed' AND p.delivered = 0))::integer
      AS empty,
    (count(*) FILTER (WHERE p.revision > 1))::integer AS revised,
    (count(*) FILTER (WHERE ${IS_FORCED}))::integer AS forced,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY l.ms) AS "medianMs",
    max(l.ms) AS "maxMs", sum(p.skewed)::float8 AS skewed,
    sum(p.conflicts)::float8 AS conflicts, sum(p.bytes)::float8 AS bytes
  FROM partitions p,
    LATERAL (SELECT CASE WHEN p.state = 'sealed' THEN
      (extract(epoch FROM ${FIRST_SEALED_AT} - p.bucket_end) * 1000)::float8
    END AS ms) l
  WHERE p.event_type = :eventType
    AND p.bucket_start >= :from AND p.bucket_start < :to AND ${IS_CURRENT}
  GROUP BY 1 ORDER BY 1 DESC`;

/**
 * The closed buckets of an event type that begin in a range, counted by hour,
 * by day or by any other span, newest first. Spans without a closed bucket are
 * left out. The work grows with the range, not with the history.
 *
 * @public
 */
export async function summarizeSpans(
  db: Knex,
  options: SummarizeSpansOptions,
): Promise<SpanSummary[]> {
  const rows = await queryRows<
    Omit<SpanSummary, 'lateness'> & {
      medianMs: number | null;
      maxMs: number | null;
    }
  >(db, SPANS_SQL, { ...options });
  return rows.map(({ medianMs, maxMs, ...row }) => ({
    ...row,
    lateness:
      medianMs === null || maxMs === null ? undefined : { medianMs, maxMs },
  }));
}
