import type { Knex } from 'knex';
import type { EventTypesRow, EventTypeVersionsRow } from '../../tables';

/** The newest state of an event type, held against other writers. */
export interface LockedEventType {
  row: EventTypesRow;
  schema: unknown;
}

/**
 * Reads an event type and locks it until the transaction ends, so that two
 * writers cannot both build version N + 1 on version N.
 */
export async function lockEventType(
  tx: Knex.Transaction,
  options: { name: string },
): Promise<LockedEventType | undefined> {
  const row = await tx<EventTypesRow>('event_types')
    .where({ name: options.name })
    .forUpdate()
    .first();
  if (!row) {
    return undefined;
  }
  const version = await tx<EventTypeVersionsRow>('event_type_versions')
    .where({ event_type: row.name, version: row.version })
    .first('schema');
  return { row, schema: version?.schema };
}
