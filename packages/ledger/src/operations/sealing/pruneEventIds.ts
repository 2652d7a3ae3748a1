import { Knex } from 'knex';
import { deleteInSteps } from '../../database/deleteInSteps';

/**
 * Forgets the event ids that earlier releases kept in the ledger, of partitions
 * sealed before the given time, but none that is still within the retry horizon
 * (31 days) by the database's clock: a caller whose clock jumped ahead must not
 * undo the protection against duplicates. Gives their number.
 *
 * @public
 */
export async function pruneEventIds(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  return deleteInSteps(db, {
    table: 'event_ids',
    where: `sealed_at < least(:before, now() - interval '31 days')`,
    bindings: { before: options.before },
  });
}
