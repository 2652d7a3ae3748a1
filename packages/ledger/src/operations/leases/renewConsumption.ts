import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Tier } from '../../types';

/** An event type that a consumer holds. @public */
export interface HeldEventType {
  eventType: string;
  fencingToken: bigint;
  tier: Tier;
  /** When it left the config; then it is drained. */
  removedAt?: Date;
}

/** @public */
export interface ConsumptionStanding {
  /** Sessions of the consumers that are alive, in the order they joined. */
  members: string[];
  /** How many event types are to be consumed, those to be drained included. */
  types: Record<Tier, number>;
  /** What this consumer holds. */
  held: HeldEventType[];
}

/** Types to be consumed: in the config, or gone from it and not drained yet. */
export const WANTED = `
  (t.removed_at IS NULL OR l.drained_at IS NULL OR l.drained_at < t.removed_at)`;

/**
 * Extends a consumer's lease, and with it the lease of every event type it
 * holds, and says how things stand. Gives `undefined` when the ledger no longer
 * knows the session: it holds nothing and has to join anew.
 *
 * Two statements whatever the number of event types; of rows, one is written.
 * A lease that ran out is extended as long as nobody has claimed its types;
 * those that were claimed are missing in `held`.
 *
 * @public
 */
export async function renewConsumption(
  db: Knex,
  options: { session: string; leaseMs: number },
): Promise<ConsumptionStanding | undefined> {
  const { session, leaseMs } = options;
  const renewed = await queryRows(
    db,
    `UPDATE consumers
     SET lease_expires_at = now() + :leaseMs * interval '1 millisecond'
     WHERE session = :session RETURNING 1`,
    { session, leaseMs },
  );
  if (renewed.length === 0) {
    return undefined;
  }
  const [standing] = await queryRows<{
    members: string[];
    types: Partial<Record<Tier, number>>;
    held: {
      eventType: string;
      fencingToken: string;
      tier: Tier;
      removedAt: string | null;
    }[];
  }>(
    db,
    `SELECT
       (SELECT coalesce(jsonb_agg(session ORDER BY joined_at, session), '[]')
        FROM consumers WHERE lease_expires_at > now()) AS members,
       (SELECT coalesce(jsonb_object_agg(tier, n), '{}') FROM (
          SELECT t.tier, count(*) AS n
          FROM event_types t LEFT JOIN consumption_leases l USING (event_type)
          WHERE ${WANTED} GROUP BY t.tier
        ) AS by_tier) AS types,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'eventType', l.event_type, 'fencingToken', l.fencing_token::text,
            'tier', t.tier, 'removedAt', t.removed_at)
          ORDER BY l.event_type), '[]')
        FROM consumption_leases l JOIN event_types t USING (event_type)
        WHERE l.holder = :session) AS held`,
    { session },
  );
  const { critical = 0, normal = 0, low = 0 } = standing.types;
  return {
    members: standing.members,
    types: { critical, normal, low },
    held: standing.held.map(({ removedAt, fencingToken, ...held }) => ({
      ...held,
      fencingToken: BigInt(fencingToken),
      removedAt: removedAt === null ? undefined : new Date(removedAt),
    })),
  };
}
