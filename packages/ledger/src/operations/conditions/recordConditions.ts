import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/** One condition of one event type, as somebody finds it. @public */
export interface FoundCondition {
  eventType: string;
  condition: string;
  status: boolean;
  /** Machine-readable, of the caller's closed list. */
  reason: string;
  /** In words, of the moment in which the reason came up. */
  message: string;
  /**
   * When the status was reached, where something else knows that exactly.
   * Otherwise it is now, when it changes.
   */
  at?: Date;
}

/**
 * Notes how conditions are found. One statement whatever their number, and rows
 * are written only where status or reason have changed, or where it turns out
 * that a milestone was reached earlier.
 *
 * @returns how many were written
 * @public
 */
export async function recordConditions(
  db: Knex,
  conditions: FoundCondition[],
): Promise<number> {
  return await queryCount(
    db,
    `INSERT INTO event_type_conditions AS c (event_type, condition, status,
       reason, message, last_transition_at, reason_since)
     SELECT f.event_type, f.condition, f.status, f.reason, f.message,
       coalesce(f.at, now()), coalesce(f.at, now())
     FROM jsonb_to_recordset(:found::jsonb) AS f (event_type text,
       condition text, status boolean, reason text, message text,
       at timestamptz)
     ON CONFLICT (event_type, condition) DO UPDATE SET
       status = excluded.status,
       reason = excluded.reason,
       message = excluded.message,
       last_transition_at = CASE
         WHEN c.status <> excluded.status
           OR excluded.last_transition_at < c.last_transition_at
         THEN excluded.last_transition_at ELSE c.last_transition_at END,
       reason_since = CASE
         WHEN (c.status, c.reason) IS DISTINCT FROM
           (excluded.status, excluded.reason)
         THEN excluded.reason_since ELSE c.reason_since END
     WHERE (c.status, c.reason) IS DISTINCT FROM
         (excluded.status, excluded.reason)
       OR excluded.last_transition_at < c.last_transition_at`,
    {
      found: JSON.stringify(
        conditions.map(({ eventType, at, ...condition }) => ({
          ...condition,
          event_type: eventType,
          at: at?.toISOString() ?? null,
        })),
      ),
    },
  );
}
