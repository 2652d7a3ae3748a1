import type { FieldSummary } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { EventTypeFieldsRow } from '../../database/tables';

/** Well below what one statement of Postgres takes in values. */
const ROWS_PER_STATEMENT = 1000;

/**
 * Makes the fields of a version those that are found from now on. A field that
 * was there before keeps the version since which it is.
 *
 * It belongs into the transaction that adds the version: after a crash there are
 * both or neither.
 */
export async function replaceFields(
  tx: Knex.Transaction,
  options: { eventType: string; version: number; fields: FieldSummary[] },
): Promise<void> {
  const { eventType, version, fields } = options;
  const before = await tx<EventTypeFieldsRow>('event_type_fields')
    .where({ event_type: eventType })
    .delete()
    .returning(['path', 'since_version']);
  const since = new Map(before.map(row => [row.path, row.since_version]));
  const rows = fields.map(
    (field, position): EventTypeFieldsRow => ({
      event_type: eventType,
      position,
      path: field.path,
      type: field.type,
      required: field.required,
      // Postgres stores no NUL in a text, though it does in json.
      doc: field.doc?.replaceAll('\0', '\ufffd') ?? null,
      semantic_type: field.semanticType ?? null,
      since_version: since.get(field.path) ?? version,
    }),
  );
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    await tx('event_type_fields').insert(
      rows.slice(at, at + ROWS_PER_STATEMENT),
    );
  }
}
