import type { Knex } from 'knex';
import type { RegistryVersionsRow } from './tables';

/** Lets a schema stand for a version, unless another one does already. */
export async function showVersion(
  db: Knex,
  options: { eventType: string; version: number; schemaId: number },
): Promise<void> {
  await db<RegistryVersionsRow>('registry_versions')
    .insert({
      event_type: options.eventType,
      version: options.version,
      schema_id: options.schemaId,
    })
    .onConflict(['event_type', 'version'])
    .ignore();
}
