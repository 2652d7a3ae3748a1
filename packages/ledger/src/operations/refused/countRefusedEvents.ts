import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface RefusedEventCount {
  reason: string;
  pointer?: string;
  /** Distinct refused events, not how often each was sent. */
  count: number;
}

/** @public */
export interface CountRefusedEventsOptions {
  eventType?: string;
  /** Only events of no provisioned type. */
  unknownOnly?: boolean;
  since: Date;
}

/**
 * Counts refused events by reason and place, most frequent first.
 *
 * @public
 */
export async function countRefusedEvents(
  db: Knex,
  options: CountRefusedEventsOptions,
): Promise<RefusedEventCount[]> {
  const { eventType, unknownOnly, since } = options;
  const rows = await queryRows<{
    reason: string;
    pointer: string | null;
    count: string;
  }>(
    db,
    `SELECT reason, pointer, count(*) AS count
     FROM refused_events r
     WHERE received_at >= :since
       ${eventType === undefined ? '' : 'AND event_type = :eventType'}
       ${
         unknownOnly
           ? `AND NOT EXISTS (SELECT FROM event_types t
                WHERE t.event_type = r.event_type AND t.removed_at IS NULL)`
           : ''
       }
     GROUP BY reason, pointer
     ORDER BY count(*) DESC, reason, pointer NULLS FIRST`,
    { since, ...(eventType !== undefined && { eventType }) },
  );
  return rows.map(({ reason, pointer, count }) => ({
    reason,
    pointer: pointer ?? undefined,
    count: Number(count),
  }));
}
