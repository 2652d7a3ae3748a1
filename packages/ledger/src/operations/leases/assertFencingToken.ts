import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { FencingError } from '../../errors';

/**
 * Checks inside a transaction that a fencing token is still the newest of its
 * resource, and keeps it so until the transaction ends: the shared row lock
 * makes a rival's claim wait or pass by. Throws {@link FencingError} otherwise.
 */
export async function assertFencingToken(
  tx: Knex.Transaction,
  options: { resource: string; fencingToken: bigint },
): Promise<void> {
  const { resource, fencingToken } = options;
  const rows = await queryRows(
    tx,
    `SELECT 1 FROM leases
     WHERE resource = :resource AND fencing_token = :fencingToken
     FOR SHARE`,
    { resource, fencingToken: String(fencingToken) },
  );
  if (rows.length === 0) {
    throw new FencingError(resource, fencingToken);
  }
}
