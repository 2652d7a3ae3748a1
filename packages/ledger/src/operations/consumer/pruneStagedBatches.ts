import { Knex } from 'knex';
import { inTransaction, queryCount } from '../../database/values';

/**
 * Forgets batches that were sealed before the given time, and the refused
 * batches recorded before it, but none of the last 31 days by the database's
 * clock: so long a broker may redeliver, and a forgotten batch that came again
 * would be staged again. Gives the number of rows.
 *
 * @public
 */
export async function pruneStagedBatches(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  const { before } = options;
  return inTransaction(
    db,
    async tx =>
      (await queryCount(
        tx,
        `DELETE FROM staged_batches
         WHERE consumed_at < least(:before, now() - interval '31 days')`,
        { before },
      )) +
      (await queryCount(
        tx,
        `DELETE FROM refused_batches
         WHERE recorded_at < least(:before, now() - interval '31 days')`,
        { before },
      )),
  );
}
