import { Knex } from 'knex';
import { deleteInSteps } from '../../database/deleteInSteps';

/**
 * Forgets batches that were sealed before the given time, and the refused
 * batches recorded before it, but none of the last 31 days by the database's
 * clock: so long a broker may redeliver, and a forgotten batch that came again
 * would be staged again. Gives the number of rows.
 *
 * In steps, each a transaction of its own: what is cut short goes on at the next
 * call, and nobody waits for it.
 *
 * @public
 */
export async function pruneStagedBatches(
  db: Knex,
  options: { before: Date; rowsPerStep?: number },
): Promise<number> {
  const { before, rowsPerStep } = options;
  const staged = await deleteInSteps(db, {
    table: 'staged_batches',
    where: `consumed_at < least(:before, now() - interval '31 days')`,
    bindings: { before },
    rowsPerStep,
  });
  const refused = await deleteInSteps(db, {
    table: 'refused_batches',
    where: `recorded_at < least(:before, now() - interval '31 days')`,
    bindings: { before },
    rowsPerStep,
  });
  return staged + refused;
}
