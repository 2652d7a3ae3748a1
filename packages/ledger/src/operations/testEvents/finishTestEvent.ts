import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { revokeWriteKey } from '../writeKeys/revokeWriteKey';

/**
 * What became of sending a test event. `unanswered`: it is not known whether a
 * gateway took it.
 *
 * @public
 */
export type TestEventAnswer =
  | { kind: 'accepted'; receipt?: string }
  | { kind: 'refused'; reason: string; pointer?: string; message: string }
  | { kind: 'unanswered'; message: string };

/** @public */
export interface FinishTestEventOptions {
  testEventId: string;
  answer: TestEventAnswer;
}

/**
 * Records the answer a test event got and revokes its write key, in one
 * transaction. The first answer stays.
 *
 * @public
 */
export async function finishTestEvent(
  db: Knex,
  options: FinishTestEventOptions,
): Promise<void> {
  const { testEventId, answer } = options;
  await inTransaction(db, async tx => {
    const finished = await queryRows<{ keyId: string }>(
      tx,
      `UPDATE test_events SET state = :state, answered_at = now(),
         receipt = :receipt, refusal_reason = :reason,
         refusal_pointer = :pointer, message = :message
       WHERE test_event_id = :testEventId AND state = 'sending'
       RETURNING key_id AS "keyId"`,
      {
        testEventId,
        state: answer.kind,
        receipt: answer.kind === 'accepted' ? answer.receipt ?? null : null,
        reason: answer.kind === 'refused' ? answer.reason : null,
        pointer: answer.kind === 'refused' ? answer.pointer ?? null : null,
        message: answer.kind === 'accepted' ? null : answer.message,
      },
    );
    for (const { keyId } of finished) {
      await revokeWriteKey(tx, { keyId });
    }
  });
}
