import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The keys of all events of a type that replays of the horizon (31 days) have
 * sent and that were not refused again, and of its test events likewise: where
 * they land is what proves the replays, and what a test event is followed to.
 * Read after a bucket's batches are frozen it has every such event among them,
 * because the key is noted before the event is sent first.
 *
 * @public
 */
export async function listReplayedEventKeys(
  db: Knex,
  options: { eventType: string },
): Promise<string[]> {
  const rows = await queryRows<{ eventKey: string }>(
    db,
    `SELECT e.event_key AS "eventKey"
     FROM replay_events e JOIN replays r USING (replay_id)
     WHERE e.event_type = :eventType AND e.event_key IS NOT NULL
       AND e.state IN ('sending', 'accepted')
       AND r.requested_at > now() - interval '31 days'
     UNION
     SELECT event_key FROM test_events
     WHERE event_type = :eventType AND state <> 'refused'
       AND requested_at > now() - interval '31 days'`,
    { eventType: options.eventType },
  );
  return rows.map(({ eventKey }) => eventKey);
}
