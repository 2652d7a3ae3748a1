import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** An event of a replay that has no outcome yet. @public */
export interface UnsentReplayEvent {
  position: number;
  refusalId: string;
  /** `sending`: it may have been accepted. */
  state: 'waiting' | 'sending';
  /** The id it was given, if it has none of its own and was sent before. */
  mintedId?: string;
  /** The raw text as it was refused; missing when it is no longer kept. */
  event?: string;
  truncated: boolean;
}

/**
 * The next events of a replay without an outcome, in order, with their content.
 *
 * @public
 */
export async function readUnsentReplayEvents(
  db: Knex,
  options: { replayId: string; limit: number },
): Promise<UnsentReplayEvent[]> {
  const rows = await queryRows<
    Omit<UnsentReplayEvent, 'mintedId' | 'event'> & {
      mintedId: string | null;
      event: string | null;
    }
  >(
    db,
    `SELECT e.position, e.refusal_id AS "refusalId", e.state,
       CASE WHEN e.id_minted THEN e.event_id END AS "mintedId",
       r.event, coalesce(r.truncated, false) AS truncated
     FROM replay_events e
       LEFT JOIN refused_events r ON r.refusal_id = e.refusal_id
     WHERE e.replay_id = :replayId AND e.state IN ('waiting', 'sending')
     ORDER BY e.position LIMIT :limit`,
    { replayId: options.replayId, limit: options.limit },
  );
  return rows.map(row => ({
    ...row,
    mintedId: row.mintedId ?? undefined,
    event: row.event ?? undefined,
  }));
}
