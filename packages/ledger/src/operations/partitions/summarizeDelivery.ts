import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionRecord } from '../../types';
import {
  IS_CURRENT,
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** @public */
export interface SummarizeDeliveryOptions {
  /** Default: every type that is or was provisioned. */
  eventTypes?: string[];
  /** Sums and lateness cover partitions of buckets that started since. */
  since: Date;
  /** How many of the newest partitions to give per type. */
  recent: number;
}

/** @public */
export interface DeliverySummary {
  eventType: string;
  /** Newest first, empty ones included. */
  recent: PartitionRecord[];
  accepted: number;
  delivered: number;
  duplicates: number;
  refusedAtSealing: number;
  /** Distinct events refused by the gateway since. */
  refusedAtGateway: number;
  conflicts: number;
  skewed: number;
  /** Of sealed partitions; missing when there is none. */
  lateness?: { p50Ms: number; p99Ms: number; maxMs: number };
  /** When the newest staged batch was published. */
  lastReceivedAt?: Date;
  /** Events that are staged and not in a sealed partition yet. */
  inFlight: number;
}

interface TotalsRow {
  eventType: string;
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  conflicts: number;
  skewed: number;
  /** Median, 99th percentile and maximum, in ms. */
  lateness: [number, number, number] | null;
}

interface ArrivalsRow {
  eventType: string;
  lastReceivedAt: Date | null;
  inFlight: string | null;
  refusedAtGateway: string;
}

const WANTED = `
  WITH wanted AS (
    SELECT event_type FROM event_types
    WHERE :eventTypes::text[] IS NULL OR event_type = ANY (:eventTypes::text[])
  )`;

// Sums as float8: exact up to 2^53 events, and a number in JavaScript.
const TOTALS_SQL = `${WANTED}
  SELECT w.event_type AS "eventType",
    coalesce(sum(p.accepted), 0)::float8 AS accepted,
    coalesce(sum(p.delivered), 0)::float8 AS delivered,
    coalesce(sum(p.duplicates), 0)::float8 AS duplicates,
    coalesce(sum(p.refused), 0)::float8 AS refused,
    coalesce(sum(p.conflicts), 0)::float8 AS conflicts,
    coalesce(sum(p.skewed), 0)::float8 AS skewed,
    percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY l.ms) AS lateness
  FROM wanted w
  LEFT JOIN partitions p ON p.event_type = w.event_type
    AND p.bucket_start >= :since AND p.state = 'sealed'
    AND p.superseded_at IS NULL
  LEFT JOIN LATERAL (
    SELECT (extract(epoch FROM coalesce(p.first_sealed_at, p.sealed_at)
      - p.bucket_end) * 1000)::float8 AS ms
  ) l ON true
  GROUP BY w.event_type ORDER BY w.event_type`;

const ARRIVALS_SQL = `${WANTED}
  SELECT w.event_type AS "eventType",
    (SELECT max(published_at) FROM staged_batches s
     WHERE s.event_type = w.event_type) AS "lastReceivedAt",
    (SELECT sum(events) FROM staged_batches s
     WHERE s.event_type = w.event_type AND consumed_at IS NULL) AS "inFlight",
    (SELECT count(*) FROM refused_events r
     WHERE r.event_type = w.event_type AND r.received_at >= :since
       AND r.stage = 'gateway') AS "refusedAtGateway"
  FROM wanted w`;

const RECENT_SQL = `${WANTED}
  SELECT p.* FROM wanted w,
    LATERAL (
      SELECT ${PARTITION_COLUMNS} FROM partitions p
      WHERE p.event_type = w.event_type
        AND ${IS_CURRENT}
      ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT :recent
    ) p
  ORDER BY p."eventType", p."bucketStart" DESC`;

/**
 * How delivery is doing, for all event types at once.
 *
 * Three statements whatever the number of types, each along an index per type:
 * the fleet overview asks this for thousands of them.
 *
 * @public
 */
export async function summarizeDelivery(
  db: Knex,
  options: SummarizeDeliveryOptions,
): Promise<DeliverySummary[]> {
  const bindings = {
    eventTypes: options.eventTypes ?? null,
    since: options.since,
    recent: options.recent,
  };
  const totals = await queryRows<TotalsRow>(db, TOTALS_SQL, bindings);
  const arrivals = await queryRows<ArrivalsRow>(db, ARRIVALS_SQL, bindings);
  const recent = await queryRows<PartitionRow>(db, RECENT_SQL, bindings);

  const arrivalsOf = new Map(arrivals.map(row => [row.eventType, row]));
  const recentOf = new Map<string, PartitionRecord[]>();
  for (const row of recent) {
    const partitions = recentOf.get(row.eventType) ?? [];
    recentOf.set(row.eventType, partitions);
    partitions.push(toPartitionRecord(row));
  }
  return totals.map(row => {
    const arrived = arrivalsOf.get(row.eventType);
    return {
      eventType: row.eventType,
      recent: recentOf.get(row.eventType) ?? [],
      accepted: row.accepted,
      delivered: row.delivered,
      duplicates: row.duplicates,
      refusedAtSealing: row.refused,
      refusedAtGateway: Number(arrived?.refusedAtGateway ?? 0),
      conflicts: row.conflicts,
      skewed: row.skewed,
      lateness: row.lateness
        ? {
            p50Ms: row.lateness[0],
            p99Ms: row.lateness[1],
            maxMs: row.lateness[2],
          }
        : undefined,
      lastReceivedAt: arrived?.lastReceivedAt ?? undefined,
      inFlight: Number(arrived?.inFlight ?? 0),
    };
  });
}
