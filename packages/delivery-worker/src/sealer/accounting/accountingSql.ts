import { quoteIdentifier } from '@millrace/lake';
import { DuckdbColumn } from '@millrace/schema';

/*
 * What the books need of one sealing, over its temporary tables (see
 * `sealing/sealingSql.ts`: staged, first_copy, delivered). Reads only, and
 * makes the tables numbered_chunk and tracked_chunk.
 */

/** Numbers that share one row of the ledger. */
const CHUNK_NUMBERS = 1024;

/** The largest integer that JSON readers agree on. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** As the gateway demands it of names; the ledger's text takes no NUL. */
const isName = (column: string) =>
  `(length(${column}) BETWEEN 1 AND 200
    AND NOT regexp_matches(${column}, '[[:cntrl:]]'))`;

const IS_NUMBERED = `coalesce(${isName('producer')} AND ${isName('epoch')}
  AND sequence BETWEEN 1 AND ${MAX_NUMBER} AND received_at IS NOT NULL, false)`;

/** Which stretches of numbers there are, and how many events have one of them. */
export const NUMBERED_CHUNK_SQL = `
  CREATE TEMP TABLE numbered_chunk AS
  SELECT producer, epoch, (sequence - 1) // ${CHUNK_NUMBERS} AS chunk,
    count(*) AS events
  FROM staged WHERE ${IS_NUMBERED}
  GROUP BY producer, epoch, chunk`;

/** The fullest, so that a flood of names pushes out itself and not producers. */
export function trackedChunkSql(maxChunks: number): string {
  return `
    CREATE TEMP TABLE tracked_chunk AS
    SELECT producer, epoch, chunk, events FROM numbered_chunk
    ORDER BY events DESC, producer, epoch, chunk LIMIT ${Number(maxChunks)}`;
}

export const NUMBERING_SQL = `
  SELECT (SELECT count(*) FROM staged) AS events,
    (SELECT coalesce(sum(events), 0) FROM numbered_chunk)::BIGINT AS numbered,
    (SELECT coalesce(sum(events), 0) FROM tracked_chunk)::BIGINT AS tracked`;

/** Bit i of chunk c says that number 1024 c + i + 1 has arrived. */
export const SEQUENCE_CHUNKS_SQL = `
  SELECT s.producer, s.epoch, t.chunk,
    rtrim(bitstring_agg(((s.sequence - 1) % ${CHUNK_NUMBERS})::INTEGER,
      0, ${CHUNK_NUMBERS - 1})::VARCHAR, '0') AS bits,
    min(s.sequence) AS lowest, max(s.sequence) AS highest,
    min(s.received_at) AS first_received_at,
    max(s.received_at) AS last_received_at
  FROM staged s JOIN tracked_chunk t ON t.producer = s.producer
    AND t.epoch = s.epoch AND t.chunk = (s.sequence - 1) // ${CHUNK_NUMBERS}
  WHERE s.received_at IS NOT NULL
  GROUP BY s.producer, s.epoch, t.chunk
  ORDER BY s.producer, s.epoch, t.chunk`;

/**
 * The first eight bytes of the event key as an integer: the key is an MD5, so
 * they are a hash of it.
 */
const KEY_HASH = `('0x' || replace(left(s.event_key::VARCHAR, 18), '-', ''))
  ::UBIGINT`;
const MODULUS = '18446744073709551616::HUGEINT';

/**
 * Counts by fate and receive bucket with the sum of the keys' hashes modulo
 * 2^64. `$1` is the list of the starts of the receive buckets, `$2` the start
 * of the bucket that is sealed.
 */
export const FATES_SQL = `
  WITH receive_bucket AS (
    SELECT unnest(CAST($1 AS TIMESTAMPTZ[])) AS start
  ),
  fated AS (
    SELECT s.received_at, ${KEY_HASH} AS hash,
      CASE WHEN d.staged_row IS NOT NULL THEN 'delivered'
        WHEN f.staged_row IS NOT NULL AND NOT f.castable THEN 'refused'
        ELSE 'duplicate' END AS fate
    FROM staged s
    LEFT JOIN first_copy f ON f.staged_row = s.rowid
    LEFT JOIN delivered d ON d.staged_row = s.rowid
  )
  SELECT coalesce(b.start, CAST($2 AS TIMESTAMPTZ)) AS receive_start, fate,
    count(*) AS events, (sum(hash) % ${MODULUS})::VARCHAR AS sum
  FROM fated ASOF LEFT JOIN receive_bucket b ON fated.received_at >= b.start
  GROUP BY ALL`;

/** The fields of the event by which an SDK reports a drop. */
const DROP_FIELDS: Record<string, RegExp> = {
  reason: /^VARCHAR$/,
  dropped_epoch: /^VARCHAR$/,
  dropped_events: /^(BIGINT|INTEGER)$/,
  first_sequence: /^(BIGINT|INTEGER)$/,
  last_sequence: /^(BIGINT|INTEGER)$/,
};

/** Whether events of these columns are reports of drops; their type may have any name. */
export function areDropReports(columns: DuckdbColumn[]): boolean {
  return Object.entries(DROP_FIELDS).every(([name, type]) =>
    columns.some(column => column.name === name && type.test(column.type)),
  );
}

/** Reports that say something impossible are events like any other, no more. */
export function dropReportsSql(maxReports: number): string {
  const field = (name: string) => `s.fields.${quoteIdentifier(name)}`;
  return `
    SELECT event_key::VARCHAR AS report_key, producer, dropped_epoch, reason,
      first_sequence, last_sequence, dropped_events, received_at
    FROM (
      SELECT s.event_key, s.producer, s.received_at,
        ${field('dropped_epoch')} AS dropped_epoch,
        ${field('reason')} AS reason,
        ${field('first_sequence')}::BIGINT AS first_sequence,
        ${field('last_sequence')}::BIGINT AS last_sequence,
        ${field('dropped_events')}::BIGINT AS dropped_events
      FROM staged s WHERE s.castable
    )
    WHERE ${isName('producer')} AND ${isName('dropped_epoch')}
      AND first_sequence BETWEEN 1 AND last_sequence
      AND last_sequence <= ${MAX_NUMBER}
      AND dropped_events BETWEEN 1 AND last_sequence - first_sequence + 1
    QUALIFY row_number() OVER (
      PARTITION BY event_key ORDER BY received_at) = 1
    ORDER BY producer, dropped_epoch, event_key LIMIT ${Number(maxReports)}`;
}
