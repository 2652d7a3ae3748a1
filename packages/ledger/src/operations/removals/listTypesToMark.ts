import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The event types that this installation provisioned before it marked what it
 * makes, and whose topics and subscriptions still have to get the mark.
 *
 * @public
 */
export async function listTypesToMark(db: Knex): Promise<string[]> {
  const rows = await queryRows<{ eventType: string }>(
    db,
    `SELECT event_type AS "eventType" FROM event_types
     WHERE NOT resources_marked ORDER BY event_type`,
  );
  return rows.map(({ eventType }) => eventType);
}
