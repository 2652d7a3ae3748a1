import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';

/** Something at the broker that belongs to no event type. @public */
export interface BrokerOrphan {
  kind: 'topic' | 'subscription';
  name: string;
}

/** @public */
export interface BrokerOrphanRecord extends BrokerOrphan {
  /** Since when it has been seen without a break. */
  firstSeenAt: Date;
  /** It has been seen for longer than asked for, by the ledger's clock. */
  isOld: boolean;
}

/**
 * Notes which orphans there are at the moment: those that are new begin to age,
 * and what is no orphan any more, or gone, is forgotten and would begin anew.
 *
 * @returns all of them, with their age
 * @public
 */
export async function noteOrphans(
  db: Knex,
  options: { orphans: BrokerOrphan[]; oldAfterMs: number },
): Promise<BrokerOrphanRecord[]> {
  const bindings = {
    orphans: JSON.stringify(options.orphans),
    oldAfterMs: options.oldAfterMs,
  };
  return await inTransaction(db, async tx => {
    await tx.raw(
      `DELETE FROM broker_orphans o WHERE NOT EXISTS (
         SELECT FROM jsonb_to_recordset(:orphans::jsonb)
           AS f (kind text, name text)
         WHERE f.kind = o.kind AND f.name = o.name)`,
      bindings,
    );
    await tx.raw(
      `INSERT INTO broker_orphans (kind, name)
       SELECT f.kind, f.name FROM jsonb_to_recordset(:orphans::jsonb)
         AS f (kind text, name text)
       ON CONFLICT (kind, name) DO NOTHING`,
      bindings,
    );
    return await queryRows<BrokerOrphanRecord>(
      tx,
      `SELECT kind, name, first_seen_at AS "firstSeenAt",
         first_seen_at <= now() - :oldAfterMs * interval '1 millisecond'
           AS "isOld"
       FROM broker_orphans ORDER BY name, kind`,
      bindings,
    );
  });
}
