import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { Tier } from '../../types';
import { HeldEventType, WANTED } from './renewConsumption';

/** @public */
export interface ClaimedEventType extends HeldEventType {
  /** When it was claimed, by the database's clock. */
  claimedAt: Date;
  /**
   * Its holder did not hand it back: it died, perhaps because of a message it
   * had in hand.
   */
  isTakenOver: boolean;
}

/** @public */
export interface ClaimConsumptionOptions {
  session: string;
  /** How many event types of each tier to claim at most. */
  room: Record<Tier, number>;
}

/**
 * Claims event types that nobody holds, or whose holder is dead.
 *
 * Guarantees: of any number of claimants one gets a type; each claim raises the
 * type's fencing token, so what the former holder still tries to record is
 * refused; it never waits: a type whose holder is inside a fenced transaction
 * counts as held, and claimants that meet choose different types. A consumer
 * that is not alive itself gets nothing.
 *
 * @public
 */
export async function claimConsumption(
  db: Knex,
  options: ClaimConsumptionOptions,
): Promise<ClaimedEventType[]> {
  const { session, room } = options;
  const tiers = (['critical', 'normal', 'low'] as const).filter(
    tier => room[tier] > 0,
  );
  if (tiers.length === 0) {
    return [];
  }
  return inTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO consumption_leases (event_type, fencing_token)
       SELECT event_type, 0 FROM event_types t
       WHERE NOT EXISTS (
         SELECT FROM consumption_leases l WHERE l.event_type = t.event_type
       )
       ORDER BY event_type
       ON CONFLICT DO NOTHING`,
    );
    const claimed: ClaimedEventType[] = [];
    for (const tier of tiers) {
      claimed.push(...(await claim(tx, session, tier, room[tier])));
    }
    return claimed;
  });
}

async function claim(
  tx: Knex.Transaction,
  session: string,
  tier: Tier,
  limit: number,
): Promise<ClaimedEventType[]> {
  const rows = await queryRows<{
    eventType: string;
    fencingToken: string;
    removedAt: Date | null;
    claimedAt: Date;
    isTakenOver: boolean;
  }>(
    tx,
    `WITH alive AS (
       SELECT session FROM consumers WHERE lease_expires_at > now()
     ),
     free AS (
       SELECT l.event_type, l.holder, t.removed_at
       FROM consumption_leases l JOIN event_types t USING (event_type)
       WHERE t.tier = :tier AND ${WANTED}
         AND (l.holder IS NULL
           OR NOT EXISTS (SELECT FROM alive a WHERE a.session = l.holder))
         AND EXISTS (SELECT FROM alive a WHERE a.session = :session)
       ORDER BY l.event_type
       LIMIT :limit
       FOR UPDATE OF l SKIP LOCKED
     )
     UPDATE consumption_leases l
     SET holder = :session, fencing_token = l.fencing_token + 1,
       claimed_at = now()
     FROM free WHERE l.event_type = free.event_type
     RETURNING l.event_type AS "eventType",
       l.fencing_token AS "fencingToken", l.claimed_at AS "claimedAt",
       free.removed_at AS "removedAt", free.holder IS NOT NULL AS "isTakenOver"`,
    { session, tier, limit },
  );
  return rows.map(({ removedAt, fencingToken, ...row }) => ({
    ...row,
    tier,
    fencingToken: BigInt(fencingToken),
    removedAt: removedAt ?? undefined,
  }));
}
