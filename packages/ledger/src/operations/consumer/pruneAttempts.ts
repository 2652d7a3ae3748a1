import { Knex } from 'knex';
import { deleteInSteps } from '../../database/deleteInSteps';

/**
 * Forgets attempts at messages that no broker will deliver again: none since
 * the given time, and none within 31 days by the database's clock. Gives the
 * number of rows.
 *
 * @public
 */
export async function pruneAttempts(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  return deleteInSteps(db, {
    table: 'message_attempts',
    where: `last_at < least(:before, now() - interval '31 days')`,
    bindings: { before: options.before },
  });
}
