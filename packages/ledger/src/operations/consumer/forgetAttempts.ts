import { Knex } from 'knex';

/**
 * Forgets the attempts at messages that are finished: staged, or kept aside.
 *
 * @public
 */
export async function forgetAttempts(
  db: Knex,
  options: { subscription: string; messageIds: string[] },
): Promise<void> {
  await db.raw(
    `DELETE FROM message_attempts
     WHERE subscription = :subscription
       AND message_id = ANY (:messageIds::text[])`,
    { subscription: options.subscription, messageIds: options.messageIds },
  );
}
