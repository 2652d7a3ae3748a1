import { Knex } from 'knex';
import { inTransaction, queryRows, storableText } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { replayResource } from './replayTypes';

/** What has become of one event of a replay. @public */
export type ReplayOutcome = { position: number } & (
  | { kind: 'accepted'; receipt?: string }
  | {
      kind: 'refused';
      reason: string;
      pointer?: string;
      message: string;
      /** It was sent as it had come: the same refusal again is no new one. */
      isUnchanged: boolean;
    }
  | { kind: 'not-replayable'; reason: string }
);

/**
 * Records the outcomes of events of a replay, and how the refused events they
 * come from stand.
 *
 * @public
 */
export async function recordReplayOutcomes(
  db: Knex,
  options: {
    replayId: string;
    fencingToken: bigint;
    outcomes: ReplayOutcome[];
  },
): Promise<void> {
  const { replayId, fencingToken, outcomes } = options;
  const refused = outcomes.map(outcome =>
    outcome.kind === 'refused' ? outcome : undefined,
  );
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: replayResource(replayId),
      fencingToken,
    });
    await queryRows(
      tx,
      `WITH outcome AS (
         SELECT * FROM unnest(:positions::integer[], :kinds::text[],
           :receipts::text[], :reasons::text[], :pointers::text[],
           :messages::text[], :unchanged::boolean[], :notReplayable::text[])
           AS o (position, kind, receipt, reason, pointer, message,
             unchanged, not_replayable)
       ),
       done AS (
         UPDATE replay_events e SET state = o.kind, receipt = o.receipt,
           refusal_reason = o.reason, refusal_pointer = o.pointer,
           refusal_message = o.message, not_replayable = o.not_replayable
         FROM outcome o
         WHERE e.replay_id = :replayId AND e.position = o.position
           AND e.state IN ('waiting', 'sending')
         RETURNING e.refusal_id, o.kind, o.reason, o.pointer, o.unchanged
       )
       UPDATE refused_events r SET replay_state = CASE
           WHEN d.kind = 'accepted' THEN 'replayed'
           WHEN d.kind = 'refused' AND NOT (d.unchanged
             AND d.reason = r.reason
             AND d.pointer IS NOT DISTINCT FROM r.pointer)
             THEN 'refused-again'
           ELSE 'none' END
       FROM done d
       WHERE r.refusal_id = d.refusal_id AND r.replay_id = :replayId`,
      {
        replayId,
        positions: outcomes.map(outcome => outcome.position),
        kinds: outcomes.map(outcome => outcome.kind),
        receipts: outcomes.map(outcome =>
          outcome.kind === 'accepted' ? outcome.receipt ?? null : null,
        ),
        reasons: refused.map(outcome => outcome?.reason ?? null),
        pointers: refused.map(
          outcome => storableText(outcome?.pointer) ?? null,
        ),
        messages: refused.map(
          outcome => storableText(outcome?.message) ?? null,
        ),
        unchanged: refused.map(outcome => outcome?.isUnchanged ?? false),
        notReplayable: outcomes.map(outcome =>
          outcome.kind === 'not-replayable' ? outcome.reason : null,
        ),
      },
    );
  });
}
