import { Knex } from 'knex';

/**
 * Lets the decisions about revisions of an event type come one after the other:
 * two requests at once must not both find that nobody is at a partition. Held
 * until the transaction ends; sealing does not take it.
 */
export async function lockRevisions(
  tx: Knex.Transaction,
  eventType: string,
): Promise<void> {
  await tx.raw(
    `SELECT pg_advisory_xact_lock(hashtextextended('revisions:' || ?::text, 0))`,
    [eventType],
  );
}
