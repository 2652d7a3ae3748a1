import { Knex } from 'knex';
import { inTransaction, queryCount } from '../../database/values';
import { replaySelectionSql, ReplaySelectionOptions } from './replaySelection';

/** @public */
export interface CreateReplayOptions extends ReplaySelectionOptions {
  /** A fresh UUID. */
  replayId: string;
  /** As the person asked for it; kept as it is. */
  request: { selection: unknown; fix: unknown; reason: string };
  /** Entity ref. */
  requestedBy: string;
  /** Takes the oldest so many. */
  limit: number;
}

/**
 * Creates a replay and freezes its selection: what is refused later is not
 * part of it. The events are marked, so that no two replays have one event at
 * the same time and none is brought back twice. Gives how many it selected;
 * with none, nothing is created.
 *
 * @public
 */
export async function createReplay(
  db: Knex,
  options: CreateReplayOptions,
): Promise<number> {
  const { replayId, eventType, request, requestedBy, limit } = options;
  const selection = replaySelectionSql(options);
  return inTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO replays (replay_id, event_type, state, reason, selection,
         fix, requested_by)
       VALUES (:replayId, :eventType, 'waiting', :reason, :selection::jsonb,
         :fix::jsonb, :requestedBy)`,
      {
        replayId,
        eventType,
        reason: request.reason,
        selection: JSON.stringify(request.selection),
        fix: JSON.stringify(request.fix),
        requestedBy,
      },
    );
    const selected = await queryCount(
      tx,
      `WITH chosen AS (
         SELECT refusal_id, received_at FROM refused_events r
         WHERE ${selection.sql}
         ORDER BY received_at, refusal_id LIMIT :limit
         FOR UPDATE
       ),
       marked AS (
         UPDATE refused_events r
         SET replay_state = 'replaying', replay_id = :replayId
         FROM chosen c WHERE r.refusal_id = c.refusal_id
       )
       INSERT INTO replay_events (replay_id, position, refusal_id, state)
       SELECT :replayId::uuid,
         row_number() OVER (ORDER BY received_at, refusal_id), refusal_id,
         'waiting'
       FROM chosen`,
      { ...selection.bindings, replayId, limit },
    );
    if (selected === 0) {
      await tx('replays').where({ replay_id: replayId }).delete();
    }
    return selected;
  });
}
