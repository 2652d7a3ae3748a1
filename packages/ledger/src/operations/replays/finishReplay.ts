import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { endReplayWriteKeys } from './endReplayWriteKeys';
import { replayResource } from './replayTypes';

/**
 * Ends a replay whose events all have an outcome, or, with `failure`, one that
 * is given up: its other events were not sent and may be selected again. Its
 * write keys are revoked.
 *
 * @public
 */
export async function finishReplay(
  db: Knex,
  options: { replayId: string; fencingToken: bigint; failure?: string },
): Promise<void> {
  const { replayId, fencingToken, failure } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: replayResource(replayId),
      fencingToken,
    });
    await endReplayWriteKeys(tx, { replayId });
    await queryRows(
      tx,
      `WITH given_up AS (
         UPDATE replay_events SET state = 'not-sent'
         WHERE replay_id = :replayId AND state IN ('waiting', 'sending')
         RETURNING refusal_id
       )
       UPDATE refused_events r SET replay_state = 'none'
       FROM given_up g
       WHERE r.refusal_id = g.refusal_id AND r.replay_id = :replayId`,
      { replayId },
    );
    await queryRows(
      tx,
      `UPDATE replays SET state = :state, finished_at = now(),
         message = :message
       WHERE replay_id = :replayId AND state IN ('waiting', 'running')`,
      {
        replayId,
        state: failure === undefined ? 'sent' : 'failed',
        message: failure ?? null,
      },
    );
  });
}
