import type { Knex } from 'knex';
import type { RegistrySchemasRow } from './tables';

/** The schema that stands for a version of an event type. */
export async function findShownSchema(
  db: Knex,
  options: { eventType: string; version: number },
): Promise<RegistrySchemasRow | undefined> {
  return await db('registry_versions')
    .join('registry_schemas', 'registry_schemas.id', 'schema_id')
    .where({
      'registry_versions.event_type': options.eventType,
      'registry_versions.version': options.version,
    })
    .first('registry_schemas.*');
}
