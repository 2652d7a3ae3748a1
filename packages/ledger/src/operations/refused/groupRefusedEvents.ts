import { Knex } from 'knex';
import { queryRows } from '../../database/values';

const MAX_GROUPS = 200;
const MAX_WRITE_KEYS = 20;

/** Refused events of one type with one reason at one field. @public */
export interface RefusedGroupRecord {
  reason: string;
  field?: string;
  count: number;
  seenCount: number;
  replayed: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** The newest. */
  sampleRefusalId: string;
  writeKeys: {
    keyId: string;
    name?: string;
    producer?: string;
    count: number;
  }[];
}

/**
 * The refused events of a type by reason and field, most frequent first, at
 * most 200 groups with at most 20 write keys each.
 *
 * @public
 */
export async function groupRefusedEvents(
  db: Knex,
  options: { eventType: string; since: Date },
): Promise<{ total: number; items: RefusedGroupRecord[] }> {
  const rows = await queryRows<{
    reason: string;
    field: string | null;
    count: string;
    seenCount: string;
    replayed: string;
    firstSeenAt: Date;
    lastSeenAt: Date;
    sampleRefusalId: string;
    total: string;
    writeKeys:
      | {
          keyId: string;
          name: string | null;
          producer: string | null;
          count: number;
        }[]
      | null;
  }>(
    db,
    `WITH by_key AS (
       SELECT reason, field, write_key_id, count(*) AS count,
         sum(seen_count) AS seen, min(received_at) AS first_seen,
         max(received_at) AS newest, max(last_received_at) AS last_seen,
         count(*) FILTER (WHERE replay_state = 'replayed') AS replayed,
         row_number() OVER (PARTITION BY reason, field
           ORDER BY count(*) DESC, write_key_id) AS place
       FROM refused_events
       WHERE event_type = :eventType AND received_at >= :since
       GROUP BY reason, field, write_key_id
     ),
     by_field AS (
       SELECT reason, field, sum(b.count) AS count, sum(seen) AS seen,
         sum(replayed) AS replayed, min(first_seen) AS first_seen,
         max(last_seen) AS last_seen, max(newest) AS newest,
         sum(sum(b.count)) OVER () AS total,
         jsonb_agg(jsonb_build_object('keyId', b.write_key_id, 'name', w.name,
             'producer', w.producer, 'count', b.count) ORDER BY place)
           FILTER (WHERE b.write_key_id IS NOT NULL AND place <= :maxKeys)
           AS keys
       FROM by_key b LEFT JOIN write_keys w ON w.key_id = b.write_key_id
       GROUP BY reason, field
       ORDER BY sum(b.count) DESC, reason, field NULLS FIRST
       LIMIT :maxGroups
     )
     SELECT reason, field, count, seen AS "seenCount", replayed,
       first_seen AS "firstSeenAt", last_seen AS "lastSeenAt", total,
       keys AS "writeKeys",
       (SELECT r.refusal_id FROM refused_events r
        WHERE r.event_type = :eventType AND r.received_at = g.newest
          AND r.reason = g.reason AND r.field IS NOT DISTINCT FROM g.field
        ORDER BY r.refusal_id DESC LIMIT 1) AS "sampleRefusalId"
     FROM by_field g
     ORDER BY count DESC, reason, field NULLS FIRST`,
    {
      eventType: options.eventType,
      since: options.since,
      maxKeys: MAX_WRITE_KEYS,
      maxGroups: MAX_GROUPS,
    },
  );
  return {
    total: Number(rows[0]?.total ?? 0),
    items: rows.map(row => ({
      reason: row.reason,
      field: row.field ?? undefined,
      count: Number(row.count),
      seenCount: Number(row.seenCount),
      replayed: Number(row.replayed),
      firstSeenAt: row.firstSeenAt,
      lastSeenAt: row.lastSeenAt,
      sampleRefusalId: row.sampleRefusalId,
      writeKeys: (row.writeKeys ?? []).map(key => ({
        keyId: key.keyId,
        name: key.name ?? undefined,
        producer: key.producer ?? undefined,
        count: key.count,
      })),
    })),
  };
}
