import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Counts one more attempt at each of these messages, before it is made. Gives the
 * numbers with this one. The attempts count also when the process dies over them:
 * they are committed when this resolves.
 *
 * @public
 */
export async function countAttempts(
  db: Knex,
  options: { subscription: string; messageIds: string[]; worker: string },
): Promise<Map<string, number>> {
  const rows = await queryRows<{ messageId: string; attempts: number }>(
    db,
    `INSERT INTO message_attempts AS a
       (subscription, message_id, attempts, worker)
     SELECT DISTINCT :subscription, message_id, 1, :worker
     FROM unnest(:messageIds::text[]) AS message_id
     ORDER BY message_id
     ON CONFLICT (subscription, message_id) DO UPDATE SET
       attempts = a.attempts + 1, worker = excluded.worker, last_at = now()
     RETURNING message_id AS "messageId", attempts`,
    {
      subscription: options.subscription,
      messageIds: options.messageIds,
      worker: options.worker,
    },
  );
  return new Map(rows.map(({ messageId, attempts }) => [messageId, attempts]));
}
