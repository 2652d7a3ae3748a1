import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { NameHolder } from '@millrace/plugin-event-types-common';
import type { EventTypePermissionFilter } from '@millrace/plugin-event-types-node';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';
import { whereCriteria } from './whereCriteria';

/** Who has which name, without anything that is large. */
export async function listNames(
  db: Knex,
  options: { filter?: PermissionCriteria<EventTypePermissionFilter> },
): Promise<NameHolder[]> {
  const query = db<EventTypesRow>('event_types');
  if (options.filter) {
    whereCriteria(query, options.filter);
  }
  const rows = await query.select(
    'name',
    'description',
    'owner',
    'origin',
    'location',
  );
  return rows.map(row => ({
    name: row.name,
    description: row.description ?? undefined,
    owner: row.owner,
    origin: row.origin,
    location: row.location ?? undefined,
  }));
}
