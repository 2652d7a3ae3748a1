import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Notes for people why a replay does not go on, or, without a message, that it
 * does.
 *
 * @public
 */
export async function noteReplayMessage(
  db: Knex,
  options: { replayId: string; message?: string },
): Promise<void> {
  const { replayId, message } = options;
  await queryRows(
    db,
    `UPDATE replays SET message = :message
     WHERE replay_id = :replayId AND state IN ('waiting', 'running')
       AND message IS DISTINCT FROM :message::text`,
    { replayId, message: message ?? null },
  );
}
