import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** What the ledger holds of an event type. @public */
export interface LedgerFootprint {
  /** Events that are staged and in no sealed partition. */
  inFlight: number;
  lastReceivedAt?: Date;
  /** Live revisions of sealed buckets that have events. */
  partitions: number;
  deliveredEvents: number;
  firstBucket?: Date;
  lastBucket?: Date;
  /** Sinks that have loads of it. */
  sinks: string[];
  /** Live write keys that name it, by name. */
  writeKeys: {
    keyId: string;
    name: string;
    owner: string;
    isOnlyUse: boolean;
    lastUsedAt?: Date;
  }[];
  /** Live write keys that allow every event type. */
  unrestrictedKeys: number;
}

/**
 * What there is of an event type: what is on its way, what is sealed, who may
 * send it and where it is loaded to.
 *
 * @public
 */
export async function readFootprint(
  db: Knex,
  options: { eventType: string },
): Promise<LedgerFootprint> {
  const { eventType } = options;
  const [[counts], keys] = await Promise.all([
    queryRows<{
      inFlight: number;
      lastReceivedAt: Date | null;
      partitions: number;
      deliveredEvents: number;
      firstBucket: Date | null;
      lastBucket: Date | null;
      sinks: string[];
      unrestrictedKeys: number;
    }>(
      db,
      `SELECT s."inFlight", s."lastReceivedAt", p.*,
         ARRAY(SELECT DISTINCT sink FROM sink_loads
               WHERE event_type = :eventType ORDER BY sink) AS sinks,
         (SELECT count(*)::integer FROM write_keys
          WHERE revoked_at IS NULL AND event_types IS NULL
            AND (expires_at IS NULL OR expires_at > now())
         ) AS "unrestrictedKeys"
       FROM (
         SELECT coalesce(sum(events) FILTER (WHERE consumed_at IS NULL), 0)
             ::float8 AS "inFlight",
           max(published_at) AS "lastReceivedAt"
         FROM staged_batches WHERE event_type = :eventType
       ) s, (
         SELECT count(*)::integer AS partitions,
           coalesce(sum(delivered), 0)::float8 AS "deliveredEvents",
           min(bucket_start) AS "firstBucket", max(bucket_start) AS "lastBucket"
         FROM partitions
         WHERE event_type = :eventType AND state = 'sealed'
           AND superseded_at IS NULL AND delivered > 0
       ) p`,
      { eventType },
    ),
    queryRows<{
      keyId: string;
      name: string;
      owner: string;
      isOnlyUse: boolean;
      lastUsedAt: Date | null;
    }>(
      db,
      `SELECT k.key_id AS "keyId", k.name, k.owner,
         cardinality(k.event_types) = 1 AS "isOnlyUse",
         (SELECT max(u.last_used_at) FROM write_key_uses u
          WHERE u.key_id = k.key_id) AS "lastUsedAt"
       FROM write_keys k
       WHERE k.revoked_at IS NULL AND :eventType = ANY (k.event_types)
         AND (k.expires_at IS NULL OR k.expires_at > now())
       ORDER BY k.name, k.key_id`,
      { eventType },
    ),
  ]);
  return {
    ...counts,
    lastReceivedAt: counts.lastReceivedAt ?? undefined,
    firstBucket: counts.firstBucket ?? undefined,
    lastBucket: counts.lastBucket ?? undefined,
    writeKeys: keys.map(key => ({
      ...key,
      lastUsedAt: key.lastUsedAt ?? undefined,
    })),
  };
}
