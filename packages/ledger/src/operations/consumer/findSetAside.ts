import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Which of these messages are kept aside already: they came again because their
 * acknowledgement got lost, and must not be touched. Those that somebody wants
 * tried again are not among them.
 *
 * @public
 */
export async function findSetAside(
  db: Knex,
  options: { subscription: string; messageIds: string[] },
): Promise<Set<string>> {
  const rows = await queryRows<{ messageId: string }>(
    db,
    `SELECT message_id AS "messageId" FROM poison_batches
     WHERE subscription = :subscription
       AND message_id = ANY (:messageIds::text[])
       AND resolved_at IS NULL AND retry_requested_at IS NULL`,
    { subscription: options.subscription, messageIds: options.messageIds },
  );
  return new Set(rows.map(({ messageId }) => messageId));
}
