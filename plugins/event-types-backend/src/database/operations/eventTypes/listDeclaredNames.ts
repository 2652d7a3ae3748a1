import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * The event types of origin catalog that are not known to be orphaned, nor
 * withdrawn: those wait for no declaration.
 */
export async function listDeclaredNames(db: Knex): Promise<string[]> {
  const rows = await db<EventTypesRow>('event_types')
    .where({ origin: 'catalog' })
    .whereNull('orphaned_at')
    .whereNull('withdrawn_at')
    .select('name');
  return rows.map(row => row.name);
}
