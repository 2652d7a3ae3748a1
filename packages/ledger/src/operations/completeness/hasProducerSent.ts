import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Whether an epoch of a producer is known to have sent events of a type.
 *
 * @public
 */
export async function hasProducerSent(
  db: Knex,
  options: { eventType: string; producer: string; epoch: string },
): Promise<boolean> {
  const [{ sent }] = await queryRows<{ sent: boolean }>(
    db,
    `SELECT EXISTS (
       SELECT FROM producer_types
       WHERE event_type = :eventType AND producer = :producer
         AND epoch = :epoch
     ) AS sent`,
    { ...options },
  );
  return sent;
}
