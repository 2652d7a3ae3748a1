import type { EventTypeResource } from '@millrace/plugin-event-types-node';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/** What permission rules need of the named event types, in the given order. */
export async function listEventTypeResources(
  db: Knex,
  options: { names: string[] },
): Promise<Array<EventTypeResource | undefined>> {
  const rows: EventTypeResource[] = await db<EventTypesRow>('event_types')
    .whereIn('name', options.names)
    .select('name', 'owner');
  const byName = new Map(rows.map(row => [row.name, row]));
  return options.names.map(name => byName.get(name));
}
