import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Asks that a message that was set aside be tried again. The consumer of its
 * type does so within seconds. Gives `false` when there is none of that id that
 * is not resolved. Asking again while it is being tried changes nothing.
 *
 * @public
 */
export async function requestPoisonRetry(
  db: Knex,
  options: { eventType: string; poisonId: string; requestedBy: string },
): Promise<boolean> {
  const updated = await queryCount(
    db,
    `UPDATE poison_batches SET
       retry_requested_at = coalesce(retry_requested_at, now()),
       retry_requested_by = CASE WHEN retry_requested_at IS NULL
         THEN :requestedBy ELSE retry_requested_by END
     WHERE poison_id = :poisonId AND subscription_type = :eventType
       AND resolved_at IS NULL`,
    {
      eventType: options.eventType,
      poisonId: options.poisonId,
      requestedBy: options.requestedBy,
    },
  );
  return updated === 1;
}
