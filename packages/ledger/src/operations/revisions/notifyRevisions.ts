import { Knex } from 'knex';
import { REVISIONS_CHANNEL } from './revisionTypes';

/** Tells the workers, once the transaction is through, that there is work. */
export async function notifyRevisions(
  tx: Knex.Transaction,
  operationId: string,
): Promise<void> {
  await tx.raw('SELECT pg_notify(?, ?)', [REVISIONS_CHANNEL, operationId]);
}
