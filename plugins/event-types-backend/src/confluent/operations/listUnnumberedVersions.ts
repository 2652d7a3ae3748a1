import type { Knex } from 'knex';

/** Versions of an event type for which no numbered schema stands yet. */
export async function listUnnumberedVersions(
  db: Knex,
  options: { eventType: string },
): Promise<Array<{ version: number; schema: unknown }>> {
  return await db('event_type_versions as v')
    .leftJoin('registry_versions as r', join =>
      join.on('r.event_type', 'v.event_type').andOn('r.version', 'v.version'),
    )
    .where('v.event_type', options.eventType)
    .whereNull('r.schema_id')
    .orderBy('v.version')
    .select('v.version', 'v.schema');
}
