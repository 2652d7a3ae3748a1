import { Knex } from 'knex';

/**
 * Says that the topics and subscriptions of event types carry the mark of this
 * installation.
 *
 * @public
 */
export async function noteTypesMarked(
  db: Knex,
  options: { eventTypes: string[] },
): Promise<void> {
  await db.raw(
    `UPDATE event_types SET resources_marked = true
     WHERE event_type = ANY (:eventTypes::text[]) AND NOT resources_marked`,
    { eventTypes: options.eventTypes },
  );
}
