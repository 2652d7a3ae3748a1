import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Tier } from '../../types';

/** What the broker said of a subscription when somebody last asked. @public */
export interface BrokerReading {
  /** When the broker measured it. */
  measuredAt: Date;
  /** Whole seconds, rounded down; 0 when nothing is unacknowledged. */
  oldestUnackedAgeSeconds: number;
  /** Messages that are published and not acknowledged. */
  undelivered: number;
}

/** Who takes the messages of an event type. @public */
export interface TypeConsumer {
  worker: string;
  /** Since when it holds the type. */
  since: Date;
  /** Until when, if it does not renew. */
  until: Date;
  isAlive: boolean;
}

/** How one event type stands: who consumes it, and what waits where. @public */
export interface TypeStanding {
  eventType: string;
  tier: Tier;
  /** When it left the config; then it is drained. */
  removedAt?: Date;
  /** When nothing was left of it. */
  drainedAt?: Date;
  /** Missing when nobody holds it. */
  consumer?: TypeConsumer;
  staged: {
    /** Events that are staged and in no sealed partition. */
    events: number;
    /** Of these, events of buckets that are over. */
    due: number;
    /** The end of the oldest bucket that is over and not sealed. */
    oldestEnd?: Date;
  };
  /** Buckets that are over and may not be closed. */
  waitingBuckets: number;
  /**
   * Of these, batches that gateways declared and that are not staged, as far as
   * the decisions list them.
   */
  missingBatches: number;
  /**
   * The newest reading among those that closing decisions rest on. Missing when
   * no recent decision needed one.
   */
  broker?: BrokerReading;
}

interface Row {
  eventType: string;
  tier: Tier;
  removedAt: Date | null;
  drainedAt: Date | null;
  worker: string | null;
  since: Date | null;
  until: Date | null;
  isAlive: boolean | null;
  events: number;
  due: number;
  oldestEnd: Date | null;
  waitingBuckets: number;
  missingBatches: number;
  broker: {
    measuredAt: string;
    oldestUnackedAgeSeconds: number;
    undelivered: number;
  } | null;
}

/** Exported so that a test can look at its plan. */
export const TYPE_STANDINGS_SQL = `
  WITH staged AS (
    SELECT s.event_type, sum(s.events)::float8 AS events,
      coalesce(sum(s.events) FILTER (WHERE e.bucket_end <= now()), 0)::float8
        AS due,
      min(e.bucket_end) FILTER (WHERE e.bucket_end <= now()) AS oldest_end
    FROM staged_batches s,
      LATERAL (SELECT s.landing_start + s.landing_seconds * interval '1 second'
        AS bucket_end) e
    WHERE s.consumed_at IS NULL
    GROUP BY s.event_type
  ),
  waiting AS (
    SELECT w.event_type, count(*)::integer AS buckets,
      sum((SELECT count(*) FROM jsonb_path_query(w.decision,
        '$.inputs.gateways[*] \\? (@.declared == true).missingBatches[*]')
      ))::integer AS missing
    FROM waiting_buckets w
    WHERE NOT EXISTS (
      SELECT FROM partitions p WHERE p.event_type = w.event_type
        AND p.bucket_start = w.bucket_start
    )
    GROUP BY w.event_type
  )
  SELECT t.event_type AS "eventType", t.tier, t.removed_at AS "removedAt",
    l.drained_at AS "drainedAt", c.worker, l.claimed_at AS since,
    c.lease_expires_at AS until, c.lease_expires_at > now() AS "isAlive",
    coalesce(s.events, 0) AS events, coalesce(s.due, 0) AS due,
    s.oldest_end AS "oldestEnd",
    coalesce(w.buckets, 0) AS "waitingBuckets",
    coalesce(w.missing, 0) AS "missingBatches", b.reading AS broker
  FROM event_types t
  LEFT JOIN consumption_leases l USING (event_type)
  LEFT JOIN consumers c ON c.session = l.holder
  LEFT JOIN staged s USING (event_type)
  LEFT JOIN waiting w USING (event_type)
  LEFT JOIN LATERAL (
    SELECT r.reading FROM (
      SELECT v.decision #> '{inputs,backlog}' AS reading
      FROM waiting_buckets v WHERE v.event_type = t.event_type
      UNION ALL
      (SELECT p.decision #> '{inputs,backlog}' FROM partitions p
       WHERE p.event_type = t.event_type
       ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT 1)
    ) r
    WHERE r.reading ->> 'measuredAt' IS NOT NULL
    ORDER BY r.reading ->> 'measuredAt' DESC LIMIT 1
  ) b ON true
  WHERE (:eventTypes::text[] IS NULL OR t.event_type = ANY (:eventTypes::text[]))
    AND (t.removed_at IS NULL OR l.drained_at IS NULL
      OR l.drained_at < t.removed_at OR s.events > 0)
  ORDER BY t.event_type`;

/**
 * How event types stand, by name: one statement whatever their number. Types
 * that have left the config are among them until they are drained and sealed.
 *
 * What is unacknowledged on the broker is told only where a sealer has asked to
 * decide about a bucket; what is staged is counted from the ledger itself.
 *
 * @param options - `eventTypes`: `undefined` is all
 *
 * @public
 */
export async function listTypeStandings(
  db: Knex,
  options: { eventTypes?: string[] } = {},
): Promise<TypeStanding[]> {
  const rows = await queryRows<Row>(db, TYPE_STANDINGS_SQL, {
    eventTypes: options.eventTypes ?? null,
  });
  return rows.map(toStanding);
}

function toStanding(row: Row): TypeStanding {
  const { worker, since, until, isAlive, broker } = row;
  return {
    eventType: row.eventType,
    tier: row.tier,
    removedAt: row.removedAt ?? undefined,
    drainedAt: row.drainedAt ?? undefined,
    consumer:
      worker !== null && since !== null && until !== null
        ? { worker, since, until, isAlive: isAlive === true }
        : undefined,
    staged: {
      events: row.events,
      due: row.due,
      oldestEnd: row.oldestEnd ?? undefined,
    },
    waitingBuckets: row.waitingBuckets,
    missingBatches: row.missingBatches,
    broker: broker
      ? { ...broker, measuredAt: new Date(broker.measuredAt) }
      : undefined,
  };
}
