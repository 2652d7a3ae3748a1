import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  REMOVAL_COLUMNS,
  RemovalRecord,
  RemovalRow,
  toRemoval,
} from './removalTypes';

/**
 * How far taking down an event type has come; `undefined` when nobody has begun.
 *
 * @public
 */
export async function getRemoval(
  db: Knex,
  options: { eventType: string },
): Promise<RemovalRecord | undefined> {
  const [row] = await queryRows<RemovalRow>(
    db,
    `SELECT ${REMOVAL_COLUMNS} FROM removals r WHERE event_type = :eventType`,
    { eventType: options.eventType },
  );
  return row && toRemoval(row);
}
