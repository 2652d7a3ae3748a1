import type { Knex } from 'knex';
import type { SchemaKind } from '../schemaText';
import { findSchema } from './findSchema';
import type { RegistrySchemasRow } from './tables';

/**
 * Gives a schema of an event type its number, once: what says the same keeps
 * the number it has, whoever asks and however many at the same time.
 *
 * It looks before it inserts, since an insert that conflicts uses up a number.
 */
export async function insertSchema(
  db: Knex,
  options: {
    eventType: string;
    version: number;
    kind: SchemaKind;
    digest: string;
    content: string;
    at: Date;
    by: string;
  },
): Promise<RegistrySchemasRow> {
  const key = { event_type: options.eventType, digest: options.digest };
  const known = await findSchema(db, key);
  if (known) {
    return known;
  }
  const [inserted] = await db<RegistrySchemasRow>('registry_schemas')
    .insert({
      ...key,
      version: options.version,
      kind: options.kind,
      content: options.content,
      created_at: options.at,
      created_by: options.by,
    })
    .onConflict(['event_type', 'digest'])
    .ignore()
    .returning('*');
  const row = inserted ?? (await findSchema(db, key));
  if (!row) {
    throw new Error('A schema that was there a moment ago is gone');
  }
  return row;
}
