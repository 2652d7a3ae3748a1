import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A message to be tried again, as the broker delivered it. @public */
export interface PoisonRetry {
  poisonId: string;
  subscription: string;
  messageId: string;
  attributes: Record<string, string>;
  data: Buffer;
  publishedAt: Date;
}

/**
 * The messages that somebody wants tried again and that came on subscriptions
 * of event types the given consumer holds. One statement whatever the number of
 * types.
 *
 * @public
 */
export async function readPoisonRetries(
  db: Knex,
  options: { session: string; limit: number },
): Promise<PoisonRetry[]> {
  return queryRows<PoisonRetry>(
    db,
    `SELECT p.poison_id AS "poisonId", p.subscription,
       p.message_id AS "messageId", p.attributes, p.data,
       p.published_at AS "publishedAt"
     FROM poison_batches p
     JOIN consumption_leases l ON l.event_type = p.subscription_type
     WHERE p.retry_requested_at IS NOT NULL AND l.holder = :session
     ORDER BY p.retry_requested_at LIMIT :limit`,
    { session: options.session, limit: options.limit },
  );
}
