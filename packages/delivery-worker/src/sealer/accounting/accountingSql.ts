import { quoteIdentifier } from '@millrace/lake';
import { DuckdbColumn } from '@millrace/schema';

/*
 * What the books need of one shard of a sealing, over its temporary tables (see
 * `sealing/sealingSql.ts`: staged, judged). Reads only, and
 * makes the tables origin_run, numbered_chunk and tracked_chunk.
 */

/** Numbers that share one row of the ledger. */
const CHUNK_NUMBERS = 1024;

/** The largest integer that JSON readers agree on. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** As the gateway demands it of names; the ledger's text takes no NUL. */
const isName = (column: string) =>
  `(length(${column}) BETWEEN 1 AND 200
    AND NOT regexp_matches(${column}, '[[:cntrl:]]'))`;

const STRETCH = `(sequence - 1) // ${CHUNK_NUMBERS}`;
const HAS_NUMBER = `sequence BETWEEN 1 AND ${MAX_NUMBER}
  AND producer IS NOT NULL AND epoch IS NOT NULL AND received_at IS NOT NULL`;

/**
 * Which stretches of numbers there are, and how many events have one of them.
 * Names are looked at once per stretch, not per event.
 */
export const NUMBERED_CHUNK_SQL = `
  CREATE OR REPLACE TEMP TABLE numbered_chunk AS
  SELECT * FROM (
    SELECT producer, epoch, ${STRETCH} AS chunk, count(*) AS events
    FROM staged WHERE ${HAS_NUMBER}
    GROUP BY producer, epoch, chunk
  )
  WHERE ${isName('producer')} AND ${isName('epoch')}`;

/** The fullest, so that a flood of names pushes out itself and not producers. */
export function trackedChunkSql(maxChunks: number): string {
  return `
    CREATE OR REPLACE TEMP TABLE tracked_chunk AS
    SELECT producer, epoch, chunk, events FROM numbered_chunk
    ORDER BY events DESC, producer, epoch, chunk LIMIT ${Number(maxChunks)}`;
}

export const NUMBERING_SQL = `
  SELECT (SELECT count(*) FROM staged) AS events,
    (SELECT count(*) FROM staged WHERE ${HAS_NUMBER}) AS with_number,
    (SELECT coalesce(sum(events), 0) FROM numbered_chunk)::BIGINT AS numbered,
    (SELECT coalesce(sum(events), 0) FROM tracked_chunk)::BIGINT AS tracked`;

/**
 * Bit i of chunk c says that number 1024 c + i + 1 has arrived.
 *
 * @param isWhole - every stretch is tracked, so none has to be looked up
 */
export function sequenceChunksSql(isWhole: boolean): string {
  return `
    SELECT s.producer, s.epoch, ${STRETCH} AS chunk,
      rtrim(bitstring_agg(((sequence - 1) % ${CHUNK_NUMBERS})::INTEGER,
        0, ${CHUNK_NUMBERS - 1})::VARCHAR, '0') AS bits,
      min(sequence) AS lowest, max(sequence) AS highest,
      min(received_at) AS first_received_at,
      max(received_at) AS last_received_at
    FROM (SELECT * FROM staged WHERE ${HAS_NUMBER}) s
    ${
      isWhole
        ? ''
        : `SEMI JOIN tracked_chunk t ON t.producer = s.producer
           AND t.epoch = s.epoch AND t.chunk = ${STRETCH}`
    }
    GROUP BY ALL
    ORDER BY s.producer, s.epoch, chunk`;
}

/**
 * The first eight bytes of the event key as an integer, big-endian: the key is
 * an MD5, so they are a hash of it.
 */
const KEY_HASH = `(s.event_key::BLOB)[1:8]::BIT::UBIGINT`;
const MODULUS = '18446744073709551616::HUGEINT';

/**
 * Which origin stretches of lines have. Each stretch has a row per block of lines
 * that it reaches into, so that a line is found by the number of its block. A join
 * by order would sort all lines, and double the time of counting.
 */
export const CREATE_ORIGIN_RUN_SQL = `
  CREATE OR REPLACE TEMP TABLE origin_run (
    block BIGINT, first_line BIGINT, end_line BIGINT, origin INTEGER)`;

/** `$1` to `$3` are lists of the same length. */
export function insertOriginRunSql(linesPerBlock: number): string {
  const size = Number(linesPerBlock);
  return `
    INSERT INTO origin_run
    SELECT unnest(range(first_line // ${size}, (end_line - 1) // ${size} + 1)),
      first_line, end_line, origin
    FROM (
      SELECT unnest(CAST($1 AS BIGINT[])) AS first_line,
        unnest(CAST($2 AS BIGINT[])) AS end_line,
        unnest(CAST($3 AS INTEGER[])) AS origin)`;
}

/**
 * Counts by fate and origin with the sum of the keys' hashes modulo 2^64.
 *
 * @param line - the column of `staged` that says which line an event was
 * @param linesPerBlock - as `origin_run` was made with
 */
export function fatesSql(line: string, linesPerBlock: number): string {
  return fatesBy(
    'r.origin',
    `JOIN origin_run r ON r.block = fated.line // ${Number(linesPerBlock)}
       AND fated.line >= r.first_line AND fated.line < r.end_line`,
    line,
  );
}

/** The same when there is one origin only: nothing has to be looked up. */
export const FATES_OF_ONE_ORIGIN_SQL = fatesBy('0', '', 'rowid');

function fatesBy(origin: string, join: string, line: string): string {
  return `
    WITH fated AS (
      SELECT s.${line} AS line, ${KEY_HASH} AS hash,
        CASE coalesce(j.fate, 'delivered')
          WHEN 'delivered' THEN 'delivered'
          WHEN 'refused' THEN 'refused'
          ELSE 'duplicate' END AS fate
      FROM staged s LEFT JOIN judged j ON j.staged_row = s.rowid
    )
    SELECT ${origin} AS origin, fate, count(*) AS events,
      (sum(hash) % ${MODULUS})::VARCHAR AS sum
    FROM fated ${join}
    GROUP BY ALL`;
}

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
