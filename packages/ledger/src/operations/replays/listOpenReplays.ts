import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface OpenReplay {
  replayId: string;
  eventType: string;
  fix: unknown;
  requestedBy: string;
  requestedAt: Date;
}

/**
 * Replays that have events without an outcome, in the order they were asked
 * for.
 *
 * @public
 */
export async function listOpenReplays(
  db: Knex,
  options: { limit: number },
): Promise<OpenReplay[]> {
  return queryRows<OpenReplay>(
    db,
    `SELECT replay_id AS "replayId", event_type AS "eventType", fix,
       requested_by AS "requestedBy", requested_at AS "requestedAt"
     FROM replays WHERE state IN ('waiting', 'running')
     ORDER BY requested_at, replay_id LIMIT :limit`,
    { limit: options.limit },
  );
}
