import type {
  CompatibilityMode,
  EventTypeVersion,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { EventTypeVersionsRow } from '../../tables';

/** Every schema version of an event type, newest first. */
export async function listVersions(
  db: Knex,
  options: { eventType: string },
): Promise<Array<EventTypeVersion & { mode?: CompatibilityMode }>> {
  const rows = await db<EventTypeVersionsRow>('event_type_versions')
    .where({ event_type: options.eventType })
    .orderBy('version', 'desc')
    .select();
  return rows.map(row => ({
    version: row.version,
    schema: row.schema,
    fields: row.fields,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    mode: row.mode ?? undefined,
  }));
}
