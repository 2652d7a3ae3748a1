import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A condition as it was last noted. @public */
export interface ConditionRecord {
  eventType: string;
  condition: string;
  status: boolean;
  reason: string;
  message: string;
  /** When the status last changed. */
  lastTransitionAt: Date;
  /** Since when it has this reason. */
  reasonSince: Date;
}

/**
 * The noted conditions of event types, in no order.
 *
 * @public
 */
export async function listConditions(
  db: Knex,
  options: { eventTypes: string[] },
): Promise<ConditionRecord[]> {
  return await queryRows<ConditionRecord>(
    db,
    `SELECT event_type AS "eventType", condition, status, reason, message,
       last_transition_at AS "lastTransitionAt", reason_since AS "reasonSince"
     FROM event_type_conditions
     WHERE event_type = ANY (:eventTypes::text[])`,
    { eventTypes: options.eventTypes },
  );
}
