import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A message that is set aside and not resolved, without its content. @public */
export interface OpenPoison {
  poisonId: string;
  /** Of the subscription; missing where events of unknown types come. */
  eventType?: string;
  subscription: string;
  messageId: string;
  reason: string;
  message: string;
  attempts: number;
  bytes: number;
  publishedAt: Date;
  recordedAt: Date;
  /** While it is to be tried again. */
  retryRequestedAt?: Date;
}

/** @public */
export interface OpenPoisonList {
  /** Set aside first, first. */
  items: OpenPoison[];
  /** How many there are of each event type; without one, of unknown types. */
  byType: { eventType?: string; count: number; oldestAt: Date }[];
}

/**
 * What is set aside, of all given event types: two statements.
 *
 * @param options - `eventTypes`: `undefined` is all, those of unknown types
 * included
 *
 * @public
 */
export async function listOpenPoison(
  db: Knex,
  options: { eventTypes?: string[]; limit: number },
): Promise<OpenPoisonList> {
  const bindings = {
    eventTypes: options.eventTypes ?? null,
    limit: options.limit,
  };
  const ofTypes = `resolved_at IS NULL AND (:eventTypes::text[] IS NULL
    OR subscription_type = ANY (:eventTypes::text[]))`;
  const items = await queryRows<
    Omit<OpenPoison, 'eventType' | 'retryRequestedAt'> & {
      eventType: string | null;
      retryRequestedAt: Date | null;
    }
  >(
    db,
    `SELECT poison_id AS "poisonId", subscription_type AS "eventType",
       subscription, message_id AS "messageId", reason, message, attempts,
       octet_length(data) AS bytes, published_at AS "publishedAt",
       recorded_at AS "recordedAt", retry_requested_at AS "retryRequestedAt"
     FROM poison_batches WHERE ${ofTypes}
     ORDER BY recorded_at, poison_id LIMIT :limit`,
    bindings,
  );
  const byType = await queryRows<{
    eventType: string | null;
    count: number;
    oldestAt: Date;
  }>(
    db,
    `SELECT subscription_type AS "eventType", count(*)::integer AS count,
       min(recorded_at) AS "oldestAt"
     FROM poison_batches WHERE ${ofTypes}
     GROUP BY subscription_type ORDER BY min(recorded_at)`,
    bindings,
  );
  return {
    items: items.map(({ eventType, retryRequestedAt, ...item }) => ({
      ...item,
      eventType: eventType ?? undefined,
      retryRequestedAt: retryRequestedAt ?? undefined,
    })),
    byType: byType.map(({ eventType, ...rest }) => ({
      ...rest,
      eventType: eventType ?? undefined,
    })),
  };
}
