import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { epochStartedAt } from './epochStartedAt';

/** Numbers per stretch; the width of `producer_sequences.bits`. */
const CHUNK_NUMBERS = 1024;

/** Epochs forgotten at most per call, so that no call waits for a clean-up. */
const MAX_FORGOTTEN = 1000;

/** The event type that stands for events the gateway refused. */
export const REFUSED_AT_GATEWAY = '';

/** Numbers of one producer and epoch within one stretch of 1,024. @public */
export interface SequenceChunk {
  producer: string;
  epoch: string;
  /** Number n lies in chunk (n - 1) / 1024, rounded down. */
  chunk: number;
  /** A `1` at index i: number 1024 chunk + i + 1 has arrived. May be cut short. */
  bits: string;
  lowest: number;
  highest: number;
  firstReceivedAt: Date | string;
  lastReceivedAt: Date | string;
}

/** @public */
export interface RecordSequencesOptions {
  eventType: string;
  chunks: SequenceChunk[];
  /** Defaults to the database's clock. */
  now?: Date;
}

const ROWS_SQL = `
  SELECT * FROM jsonb_to_recordset(:rows::jsonb) AS r (producer text,
    epoch text, "epochStartedAt" timestamptz, chunk bigint, bits text,
    lowest bigint, highest bigint, "firstReceivedAt" timestamptz,
    "lastReceivedAt" timestamptz)`;

const NOW_SQL = `coalesce(:now::timestamptz, now())`;
const NUMBERS_OF = (chunk: string) =>
  `int8range(${chunk} * ${CHUNK_NUMBERS} + 1, (${chunk} + 1) * ${CHUNK_NUMBERS} + 1)`;

/*
 * Where the numbers of an epoch are counted from. SDKs begin with 1 in every
 * epoch, so what is missing before the first number seen is a gap as well. Not
 * so when the epoch may have sent something while no books were kept: before
 * they began, or so long ago that they have been forgotten since. Nor when the
 * epoch does not say when it began.
 */
const EPOCHS_SQL = `
  INSERT INTO producer_epochs AS e (producer, epoch, counts_from, known_through,
    first_seen_at, last_seen_at, accounted_at)
  SELECT producer, epoch,
    CASE WHEN max("epochStartedAt") >= greatest(
        (SELECT min(began_at) FROM books),
        ${NOW_SQL} - interval '62 days')
      THEN 1 ELSE min(lowest) END,
    max(highest), min("firstReceivedAt"), max("lastReceivedAt"), ${NOW_SQL}
  FROM (${ROWS_SQL}) r
  GROUP BY producer, epoch
  -- In one order, so that two types with the same producers do not deadlock.
  ORDER BY producer, epoch
  ON CONFLICT (producer, epoch) DO UPDATE SET
    counts_from = least(e.counts_from, excluded.counts_from),
    known_through = greatest(e.known_through, excluded.known_through),
    first_seen_at = least(e.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
    accounted_at = greatest(e.accounted_at, excluded.accounted_at)`;

const TYPES_SQL = `
  INSERT INTO producer_types AS t (event_type, producer, epoch, lowest, highest,
    last_seen_at)
  SELECT :eventType, producer, epoch, min(lowest), max(highest),
    max("lastReceivedAt")
  FROM (${ROWS_SQL}) r
  GROUP BY producer, epoch
  ON CONFLICT (producer, epoch, event_type) DO UPDATE SET
    lowest = least(t.lowest, excluded.lowest),
    highest = greatest(t.highest, excluded.highest),
    last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at)`;

const BITS_SQL = `
  INSERT INTO producer_sequences AS s (producer, epoch, chunk, event_type, bits)
  SELECT r.producer, r.epoch, r.chunk, :eventType,
    bit_or(rpad(r.bits, ${CHUNK_NUMBERS}, '0')::bit(${CHUNK_NUMBERS}))
  FROM (${ROWS_SQL}) r JOIN producer_epochs e USING (producer, epoch)
  WHERE NOT ${NUMBERS_OF('r.chunk')} <@ e.complete
  GROUP BY r.producer, r.epoch, r.chunk
  ON CONFLICT (producer, epoch, chunk, event_type)
    DO UPDATE SET bits = s.bits | excluded.bits`;

/** Stretches that have arrived to the last number become part of a range. */
const FOLD_SQL = `
  WITH full_chunk AS (
    SELECT s.producer, s.epoch, s.chunk
    FROM (SELECT DISTINCT producer, epoch, chunk FROM (${ROWS_SQL}) r) touched
    JOIN producer_sequences s USING (producer, epoch, chunk)
    GROUP BY s.producer, s.epoch, s.chunk
    HAVING bit_count(bit_or(s.bits)) = ${CHUNK_NUMBERS}
  ),
  gone AS (
    DELETE FROM producer_sequences s USING full_chunk f
    WHERE s.producer = f.producer AND s.epoch = f.epoch AND s.chunk = f.chunk
    RETURNING s.producer, s.epoch, s.event_type, bit_count(s.bits) AS numbers
  ),
  counted AS (
    UPDATE producer_types t SET folded = t.folded + g.numbers
    FROM (
      SELECT producer, epoch, event_type, sum(numbers) AS numbers
      FROM gone GROUP BY producer, epoch, event_type
    ) g
    WHERE t.producer = g.producer AND t.epoch = g.epoch
      AND t.event_type = g.event_type
  )
  UPDATE producer_epochs e SET complete = e.complete + f.numbers
  FROM (
    SELECT producer, epoch, range_agg(${NUMBERS_OF('chunk')}) AS numbers
    FROM full_chunk GROUP BY producer, epoch
  ) f
  WHERE e.producer = f.producer AND e.epoch = f.epoch`;

const MARKS_SQL = `
  INSERT INTO producer_marks AS m (producer, epoch, day, known_through)
  SELECT e.producer, e.epoch, (${NOW_SQL} AT TIME ZONE 'UTC')::date,
    e.known_through
  FROM (SELECT DISTINCT producer, epoch FROM (${ROWS_SQL}) r) touched
  JOIN producer_epochs e USING (producer, epoch)
  ON CONFLICT (producer, epoch, day) DO UPDATE SET
    known_through = greatest(m.known_through, excluded.known_through)`;

/** Of the marks beyond the horizon only the newest says anything. */
const OLD_MARKS_SQL = `
  DELETE FROM producer_marks m
  USING (SELECT DISTINCT producer, epoch FROM (${ROWS_SQL}) r) touched
  WHERE m.producer = touched.producer AND m.epoch = touched.epoch
    AND m.day < (
      SELECT max(o.day) FROM producer_marks o
      WHERE o.producer = m.producer AND o.epoch = m.epoch
        AND o.day <= (${NOW_SQL} AT TIME ZONE 'UTC')::date - 32
    )`;

/** By the clock of the database alone, so that no caller can jump ahead. */
const FORGET_SQL = `
  DELETE FROM producer_epochs WHERE (producer, epoch) IN (
    SELECT producer, epoch FROM producer_epochs
    WHERE accounted_at < now() - interval '62 days'
    ORDER BY accounted_at LIMIT ${MAX_FORGOTTEN} FOR UPDATE SKIP LOCKED)`;

/**
 * Records which numbers of which producers have arrived.
 *
 * Guarantees: a number counts once, however often and of whatever type it
 * comes; recording the same again changes nothing, so a sealing that is
 * repeated may repeat it; a number that comes late fills its gap. What is kept
 * grows with the gaps, not with the events: stretches without a gap become one
 * range. Epochs that nothing was heard of for 62 days, twice the horizon, are
 * forgotten.
 *
 * @public
 */
export async function recordSequences(
  db: Knex,
  options: RecordSequencesOptions,
): Promise<void> {
  const { eventType, chunks, now } = options;
  if (chunks.length === 0) {
    return;
  }
  const bindings = {
    eventType,
    now: now ?? null,
    rows: JSON.stringify(
      chunks.map(chunk => ({
        ...chunk,
        epochStartedAt: epochStartedAt(chunk.epoch),
      })),
    ),
  };
  await inTransaction(db, async tx => {
    await tx.raw(EPOCHS_SQL, bindings);
    await tx.raw(TYPES_SQL, bindings);
    await tx.raw(BITS_SQL, bindings);
    await tx.raw(FOLD_SQL, bindings);
    await tx.raw(MARKS_SQL, bindings);
    await tx.raw(OLD_MARKS_SQL, bindings);
    await tx.raw(FORGET_SQL);
  });
}
