import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Counts one more attempt at a message, before it is made. Gives the number
 * with this one. The attempt counts also when the process dies over it: the row
 * is committed when this resolves.
 *
 * @public
 */
export async function countAttempt(
  db: Knex,
  options: { subscription: string; messageId: string; worker: string },
): Promise<number> {
  const [{ attempts }] = await queryRows<{ attempts: number }>(
    db,
    `INSERT INTO message_attempts AS a
       (subscription, message_id, attempts, worker)
     VALUES (:subscription, :messageId, 1, :worker)
     ON CONFLICT (subscription, message_id) DO UPDATE SET
       attempts = a.attempts + 1, worker = excluded.worker, last_at = now()
     RETURNING attempts`,
    {
      subscription: options.subscription,
      messageId: options.messageId,
      worker: options.worker,
    },
  );
  return attempts;
}
