import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  REFUSED_EVENT_COLUMNS,
  RefusedEventRecord,
  RefusedEventRow,
  toRefusedEventRecord,
} from './refusedEventRow';

/** A refused event with its content. @public */
export interface RefusedEventWithContent extends RefusedEventRecord {
  /** The raw text as it was sent. */
  event: string;
}

/**
 * One refused event with its content, of the given type if one is given, or
 * `undefined`.
 *
 * @public
 */
export async function getRefusedEvent(
  db: Knex,
  options: { refusalId: string; eventType?: string },
): Promise<RefusedEventWithContent | undefined> {
  const { refusalId, eventType } = options;
  const [row] = await queryRows<RefusedEventRow & { event: string }>(
    db,
    `SELECT ${REFUSED_EVENT_COLUMNS}, r.event FROM refused_events r
     WHERE r.refusal_id = :refusalId
       AND (:eventType::text IS NULL OR r.event_type = :eventType)`,
    { refusalId, eventType: eventType ?? null },
  );
  return row && { ...toRefusedEventRecord(row), event: row.event };
}
