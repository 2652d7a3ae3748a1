import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * What time it is for the ledger: the one clock that all processes share.
 *
 * @public
 */
export async function readLedgerTime(db: Knex): Promise<Date> {
  const [{ now }] = await queryRows<{ now: Date }>(
    db,
    'SELECT clock_timestamp() AS now',
    {},
  );
  return now;
}
