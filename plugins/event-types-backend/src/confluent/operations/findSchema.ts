import type { Knex } from 'knex';
import type { RegistrySchemasRow } from './tables';

/** A numbered schema, by its number, its GUID, or what it says. */
export async function findSchema(
  db: Knex,
  where:
    | { id: number }
    | { guid: string }
    | { event_type: string; digest: string },
): Promise<RegistrySchemasRow | undefined> {
  return await db<RegistrySchemasRow>('registry_schemas').where(where).first();
}
