import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface NoteAttemptsOptions {
  subscription: string;
  messageIds: string[];
  worker: string;
}

/**
 * Notes, before they are touched, that messages are being handled for the first
 * time since somebody died over their subscription. Gives those that were noted
 * before, with the number of attempts: they are left as they are, and are
 * to be handled in small company, after {@link countAttempts}.
 *
 * @public
 */
export async function noteAttempts(
  db: Knex,
  options: NoteAttemptsOptions,
): Promise<Map<string, number>> {
  const rows = await queryRows<{ messageId: string; attempts: number }>(
    db,
    `WITH message AS (
       SELECT DISTINCT message_id FROM unnest(:messageIds::text[]) AS message_id
     ),
     noted AS (
       INSERT INTO message_attempts (subscription, message_id, attempts, worker)
       SELECT :subscription, message_id, 1, :worker FROM message
       ORDER BY message_id
       ON CONFLICT DO NOTHING
     )
     SELECT message_id AS "messageId", attempts
     FROM message_attempts JOIN message USING (message_id)
     WHERE subscription = :subscription`,
    {
      subscription: options.subscription,
      messageIds: options.messageIds,
      worker: options.worker,
    },
  );
  return new Map(rows.map(({ messageId, attempts }) => [messageId, attempts]));
}
