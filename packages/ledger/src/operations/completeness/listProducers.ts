import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { NUMBERS_SQL } from './numbersSql';

/**
 * What is known of one epoch of a producer that has sent events of a type. It is
 * an estimate of what was lost before the gateway, and says nothing about
 * delivery.
 *
 * Producers number their events over all types, so what is absent belongs to
 * the producer and not to the type: `given = received + pending + missing +
 * declaredDropped`.
 *
 * @public
 */
export interface ProducerEpoch {
  producer: string;
  epoch: string;
  /** Of this event type: numbers that have arrived, each once. */
  receivedOfType: number;
  lowest?: number;
  highest?: number;
  /** Of all types: numbers the producer has given to events, as far as is known. */
  given: number;
  /** Of these, numbers that have arrived, refused at the gateway included. */
  received: number;
  /** Have not arrived and still may: in its queue, or on their way. */
  pending: number;
  /** Have not arrived within the horizon and are not expected any more. */
  missing: number;
  /** Have not arrived, and the producer has said that it gave them up. */
  declaredDropped: number;
  /** More came than is kept account of; then nothing is called missing. */
  isUncertain: boolean;
  /** When the gateway received the first and the last of the type. */
  lastSeenAt: Date;
}

/** Where a page of producers ends. @public */
export interface ProducerCursor {
  lastSeenAt: Date;
  producer: string;
  epoch: string;
}

/** @public */
export interface ListProducersOptions {
  eventType: string;
  /** Only this one. */
  producer?: string;
  /** Continue after this row of the page before. */
  before?: ProducerCursor;
  limit: number;
  /** Defaults to the database's clock. */
  now?: Date;
}

/** Exported so that a test can look at its plan. */
export function listProducersSql(options: ListProducersOptions): string {
  return `
    WITH page AS (
      SELECT * FROM producer_types t
      WHERE t.event_type = :eventType
        ${options.producer === undefined ? '' : 'AND t.producer = :producer'}
        ${
          options.before
            ? 'AND (t.last_seen_at, t.producer, t.epoch) < (:lastSeenAt, :beforeProducer, :beforeEpoch)'
            : ''
        }
      ORDER BY t.last_seen_at DESC, t.producer DESC, t.epoch DESC LIMIT :limit
    )
    SELECT t.producer, t.epoch, t.lowest::float8, t.highest::float8,
      t.last_seen_at AS "lastSeenAt",
      (t.folded + coalesce((
        SELECT sum(bit_count(s.bits)) FROM producer_sequences s
        WHERE s.producer = t.producer AND s.epoch = t.epoch
          AND s.event_type = t.event_type
      ), 0))::float8 AS "receivedOfType",
      n.given::float8, n.received::float8, n.pending::float8, n.missing::float8,
      n.declared_dropped::float8 AS "declaredDropped",
      n.is_uncertain AS "isUncertain"
    FROM page t JOIN producer_epochs e USING (producer, epoch),
      LATERAL (${NUMBERS_SQL}) n
    ORDER BY t.last_seen_at DESC, t.producer DESC, t.epoch DESC`;
}

/**
 * The producers of an event type with their epochs, last seen first, a page at
 * a time.
 *
 * @public
 */
export async function listProducers(
  db: Knex,
  options: ListProducersOptions,
): Promise<ProducerEpoch[]> {
  const { eventType, producer, before, limit, now } = options;
  const rows = await queryRows<
    Omit<ProducerEpoch, 'lowest' | 'highest'> & {
      lowest: number | null;
      highest: number | null;
    }
  >(db, listProducersSql(options), {
    eventType,
    limit,
    now: now ?? null,
    ...(producer !== undefined && { producer }),
    ...(before && {
      lastSeenAt: before.lastSeenAt,
      beforeProducer: before.producer,
      beforeEpoch: before.epoch,
    }),
  });
  return rows.map(row => ({
    ...row,
    lowest: row.lowest ?? undefined,
    highest: row.highest ?? undefined,
  }));
}
