import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Marks every withdrawn event type whose grace is over, by the database's clock,
 * as one that is being removed. Idempotent; any number of instances may do it.
 *
 * @returns the names that were marked now
 */
export async function beginRemovals(
  db: Knex,
  options: { by: string },
): Promise<string[]> {
  const rows = await db<EventTypesRow>('event_types')
    .where('withdrawal_ends_at', '<=', db.raw('now()'))
    .whereNull('removal_began_at')
    .update({
      removal_began_at: db.raw('now()'),
      generation: db.raw('generation + 1'),
      updated_at: db.raw('now()'),
      updated_by: options.by,
    })
    .returning('name');
  return rows.map(row => row.name);
}
