import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface RefusedEventRecord {
  refusalId: string;
  stage: 'gateway' | 'sealing';
  eventType?: string;
  eventId?: string;
  source?: string;
  reason: string;
  pointer?: string;
  message: string;
  receivedAt: Date;
  lastReceivedAt: Date;
  seenCount: number;
  writeKeyId?: string;
  /** The raw JSON text as it was sent. */
  event: string;
}

/** @public */
export interface ListRefusedEventsOptions {
  eventType?: string;
  /** Only events of no provisioned type: those that have no owner to see them. */
  unknownOnly?: boolean;
  /** Continue after this row of the page before. */
  before?: { receivedAt: Date; refusalId: string };
  limit: number;
}

/**
 * Refused events, newest first, a page at a time.
 *
 * @public
 */
export async function listRefusedEvents(
  db: Knex,
  options: ListRefusedEventsOptions,
): Promise<RefusedEventRecord[]> {
  const { eventType, unknownOnly, before, limit } = options;
  const conditions = [
    eventType !== undefined && 'event_type = :eventType',
    unknownOnly &&
      `NOT EXISTS (SELECT FROM event_types t
         WHERE t.event_type = r.event_type AND t.removed_at IS NULL)`,
    before && '(received_at, refusal_id) < (:receivedAt, :refusalId::uuid)',
  ].filter(Boolean);
  const rows = await queryRows<
    Omit<
      RefusedEventRecord,
      'eventType' | 'eventId' | 'source' | 'pointer' | 'writeKeyId'
    > & {
      eventType: string | null;
      eventId: string | null;
      source: string | null;
      pointer: string | null;
      writeKeyId: string | null;
    }
  >(
    db,
    `SELECT refusal_id AS "refusalId", stage, event_type AS "eventType",
       event_id AS "eventId", source, reason, pointer, message,
       received_at AS "receivedAt", last_received_at AS "lastReceivedAt",
       seen_count AS "seenCount", write_key_id AS "writeKeyId", event
     FROM refused_events r
     WHERE ${conditions.length > 0 ? conditions.join(' AND ') : 'true'}
     ORDER BY received_at DESC, refusal_id DESC LIMIT :limit`,
    {
      limit,
      ...(eventType !== undefined && { eventType }),
      ...(before && {
        receivedAt: before.receivedAt,
        refusalId: before.refusalId,
      }),
    },
  );
  return rows.map(row => ({
    ...row,
    eventType: row.eventType ?? undefined,
    eventId: row.eventId ?? undefined,
    source: row.source ?? undefined,
    pointer: row.pointer ?? undefined,
    writeKeyId: row.writeKeyId ?? undefined,
  }));
}
