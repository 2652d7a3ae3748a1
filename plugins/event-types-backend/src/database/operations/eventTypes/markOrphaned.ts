import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Marks event types of origin catalog as orphaned, those that are not yet. One
 * that has left the catalog's hands meanwhile stays as it is.
 *
 * @returns the names that were marked
 */
export async function markOrphaned(
  db: Knex,
  options: { names: string[]; at: Date; by: string },
): Promise<string[]> {
  const rows = await db<EventTypesRow>('event_types')
    .whereIn('name', options.names)
    .where({ origin: 'catalog' })
    .whereNull('orphaned_at')
    .update({
      orphaned_at: options.at,
      generation: db.raw('generation + 1'),
      updated_at: options.at,
      updated_by: options.by,
    })
    .returning('name');
  return rows.map(row => row.name);
}
