import { Knex } from 'knex';
import { inTransaction } from '../../database/values';

/**
 * Ends a consumer's life in order: it has nothing in hand, and others may take
 * its event types at once. Idempotent.
 *
 * @public
 */
export async function leaveConsumers(
  db: Knex,
  options: { session: string },
): Promise<void> {
  const { session } = options;
  await inTransaction(db, async tx => {
    await tx.raw(
      'UPDATE consumption_leases SET holder = NULL WHERE holder = :session',
      { session },
    );
    await tx.raw('DELETE FROM consumers WHERE session = :session', { session });
  });
}
