import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Whether the ledger itself still holds ids of an event type, from before they
 * were kept in files.
 *
 * @public
 */
export async function hasEventIdsInLedger(
  db: Knex,
  options: { eventType: string },
): Promise<boolean> {
  const [{ has }] = await queryRows<{ has: boolean }>(
    db,
    `SELECT EXISTS (
       SELECT FROM event_ids WHERE event_type = :eventType) AS has`,
    options,
  );
  return has;
}
