import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The keys of all id files of an event type that the ledger knows, those that
 * no longer count included: what else lies in the lake is left over.
 *
 * @public
 */
export async function listIdFilePaths(
  db: Knex,
  options: { eventType: string },
): Promise<Set<string>> {
  const rows = await queryRows<{ path: string }>(
    db,
    'SELECT path FROM id_files WHERE event_type = :eventType',
    { eventType: options.eventType },
  );
  return new Set(rows.map(({ path }) => path));
}
