import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Of event keys, those of events that some replay has sent and that were not
 * refused again.
 *
 * @public
 */
export async function findReplayedEventKeys(
  db: Knex,
  options: { eventType: string; eventKeys: string[] },
): Promise<Set<string>> {
  const rows = await queryRows<{ eventKey: string }>(
    db,
    `SELECT event_key AS "eventKey" FROM replay_events
     WHERE event_type = :eventType AND state IN ('sending', 'accepted')
       AND event_key = ANY (:eventKeys::uuid[])`,
    { eventType: options.eventType, eventKeys: options.eventKeys },
  );
  return new Set(rows.map(row => row.eventKey));
}
