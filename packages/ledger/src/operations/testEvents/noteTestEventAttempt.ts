import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/** @public */
export interface NoteTestEventAttemptOptions {
  testEventId: string;
  /** The gateway it is about to be sent to; missing when there is none. */
  to?: { gateway: string; epoch: string };
  /** What it waits for, for whoever looks on. */
  message?: string;
}

/**
 * Notes, before each attempt, where a test event is sent, or why it waits. Does
 * nothing to one that has its answer.
 *
 * @public
 */
export async function noteTestEventAttempt(
  db: Knex,
  options: NoteTestEventAttemptOptions,
): Promise<void> {
  const { testEventId, to, message } = options;
  await queryCount(
    db,
    `UPDATE test_events SET message = :message,
       gateway = coalesce(:gateway, gateway), epoch = coalesce(:epoch, epoch),
       -- That of the first attempt: it may have arrived, whatever was answered.
       sent_at = CASE WHEN :gateway::text IS NULL THEN sent_at
         ELSE coalesce(sent_at, now()) END
     WHERE test_event_id = :testEventId AND state = 'sending'`,
    {
      testEventId,
      message: message ?? null,
      gateway: to?.gateway ?? null,
      epoch: to?.epoch ?? null,
    },
  );
}
