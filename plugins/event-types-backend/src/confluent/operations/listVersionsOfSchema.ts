import type { Knex } from 'knex';
import type { RegistryVersionsRow } from './tables';

/** The versions a numbered schema stands for, ascending. */
export async function listVersionsOfSchema(
  db: Knex,
  options: { id: number },
): Promise<number[]> {
  return await db<RegistryVersionsRow>('registry_versions')
    .where({ schema_id: options.id })
    .orderBy('version')
    .pluck('version');
}
