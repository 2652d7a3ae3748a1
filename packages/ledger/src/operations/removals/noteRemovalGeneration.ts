import { Knex } from 'knex';

/**
 * Says which config snapshot is the first that does not have an event type that
 * is being removed. Only the first word counts, and only while the type is in
 * no newer snapshot: what gateways have to reach must not move.
 *
 * @public
 */
export async function noteRemovalGeneration(
  db: Knex,
  options: { eventType: string },
): Promise<void> {
  await db.raw(
    `UPDATE removals r SET generation = (
       SELECT max(generation) FROM config_snapshots
     )
     WHERE r.event_type = :eventType AND r.generation IS NULL
       AND NOT EXISTS (
         SELECT FROM event_types t
         WHERE t.event_type = r.event_type AND t.removed_at IS NULL
       )`,
    { eventType: options.eventType },
  );
}
