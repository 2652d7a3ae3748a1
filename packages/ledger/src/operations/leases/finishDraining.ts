import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { ConsumptionClaim } from './assertConsumption';

/**
 * Says that nothing is left on the subscription of an event type that has left
 * the config: nobody listens to it any more, unless it comes back. Gives `false`
 * and does nothing when the type is in the config again, or is another's.
 *
 * @public
 */
export async function finishDraining(
  db: Knex,
  claim: ConsumptionClaim,
): Promise<boolean> {
  const updated = await queryCount(
    db,
    `UPDATE consumption_leases l SET drained_at = now(), holder = NULL
     FROM event_types t
     WHERE t.event_type = l.event_type AND t.removed_at IS NOT NULL
       AND l.event_type = :eventType AND l.fencing_token = :fencingToken`,
    { eventType: claim.eventType, fencingToken: String(claim.fencingToken) },
  );
  return updated === 1;
}
