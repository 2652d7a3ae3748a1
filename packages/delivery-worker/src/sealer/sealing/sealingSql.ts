import { quoteIdentifier, quoteLiteral, readIdFilesSql } from '@millrace/lake';
import { DuckdbColumn } from '@millrace/schema';
import { GatheredFiles } from './gatherBatches';
import { textShapeOf } from './textShape';

/*
 * The statements of one sealing, over temporary tables of one session:
 *
 *   staged      one row per accepted event, already cast
 *   known       ids of these that earlier partitions hold
 *   repeated    keys that more than one of them has
 *   judged      the fate of every event about which there is anything to say;
 *               those that are not in it are delivered, and nothing else has
 *               their id
 *
 * Nearly all events are of the last kind. So what is expensive, numbering the
 * copies of an event in their order, is done for the others only, and no table
 * is joined with itself.
 *
 * The same event: same source and id (CloudEvents says these identify it) and
 * the same content. Same source and id but other content is a conflict: both
 * are delivered, and all but the first are marked, so that rows without the
 * mark have unique ids.
 */

/**
 * DuckDB reserves several times the length of the longest line for every file
 * it reads, and reads a fifth faster when that is little.
 */
const MIN_LINE_BYTES = 64 * 1024;

/** Larger than the largest event a gateway accepts, in one line. */
const MAX_LINE_BYTES = 25 * 1024 * 1024;

/**
 * Explicit types, so that DuckDB guesses nothing: an id that looks like a date
 * stays text, numbers in `data` stay as they were written.
 */
const LINE_COLUMNS = `{
  id: 'VARCHAR', source: 'VARCHAR', time: 'VARCHAR', receivedAt: 'VARCHAR',
  producer: 'VARCHAR', epoch: 'VARCHAR', sequence: 'BIGINT', data: 'JSON'
}`;

/** Among equals: what can be delivered, then what was received first. */
const ARRIVAL_ORDER = 'castable DESC, received_at, epoch, sequence, line';

/**
 * The columns of `staged` that say which line of the bucket an event was,
 * counted from 0 through the batches in their order: of a bucket that is read as
 * a whole its row, because tables keep the order of what is inserted, and of a
 * shard a number that was given before the lines were divided.
 */
export const LINE_OF_WHOLE = 'rowid';
export const LINE_OF_SHARD = 'line';

const EVENT_KEY = `md5(coalesce(source, '') || chr(10) || coalesce(id, ''))`;

/** A table of raw lines; `files` are lists of `$1`, `$2`, …. */
function linesSql(gathered: GatheredFiles[]): string {
  return gathered
    .map(
      ({ schemaVersion, maxLineBytes }, index) => `
      SELECT *, ${Number(schemaVersion)}::INTEGER AS schema_version
      FROM read_json($${index + 1}, format = 'newline_delimited',
        compression = 'zstd', maximum_object_size = ${Math.min(
          MAX_LINE_BYTES,
          Math.max(MIN_LINE_BYTES, maxLineBytes + 1),
        )},
        columns = ${LINE_COLUMNS})`,
    )
    .join(' UNION ALL ');
}

/** Reads and casts everything; `files` are lists of `$1`, `$2`, …. */
export function loadStagedSql(
  gathered: GatheredFiles[],
  columns: DuckdbColumn[],
): string {
  return castLinesSql(linesSql(gathered), columns, '');
}

/** Reads and casts one shard, from the files of {@link splitSql} in `$1`. */
export function loadShardSql(columns: DuckdbColumn[]): string {
  return castLinesSql(
    'SELECT * FROM read_parquet($1, hive_partitioning = false)',
    columns,
    `${LINE_OF_SHARD},`,
  );
}

/**
 * Writes the raw lines into a folder, the last parameter, with one folder per
 * shard in it: `shard=0`, `shard=1`, …. A shard is a range of keys, which are hashes: all
 * copies of an event are in one, and shards are of about one size.
 *
 * Numbering the lines takes no more work, but one thread does it all.
 */
export function splitSql(gathered: GatheredFiles[], shards: number): string {
  return `
    COPY (
      SELECT *,
        (('0x' || left(${EVENT_KEY}, 4))::BIGINT * ${Number(
    shards,
  )}) // 65536 AS shard
      FROM (
        SELECT *, row_number() OVER () - 1 AS ${LINE_OF_SHARD}
        FROM (${linesSql(gathered)})
      )
    ) TO $${gathered.length + 1} (FORMAT parquet, COMPRESSION snappy,
      PARTITION_BY (shard))`;
}

function castLinesSql(
  lines: string,
  columns: DuckdbColumn[],
  kept: string,
): string {
  const required = columns
    // A required field of type JSON may hold a JSON null.
    .filter(column => column.required && column.type !== 'JSON')
    .map(column => `AND fields.${quoteIdentifier(column.name)} IS NOT NULL`);
  return `
    CREATE TEMP TABLE staged AS
    WITH line AS (${lines}),
    typed AS (
      SELECT * EXCLUDE (time, receivedAt), time AS time_text,
        TRY_CAST(time AS TIMESTAMPTZ) AS time,
        TRY_CAST(receivedAt AS TIMESTAMPTZ) AS received_at,
        ${castSql('data', columns)} AS fields
      FROM line
    ),
    judged AS (
      SELECT *,
        coalesce(id IS NOT NULL AND source IS NOT NULL
          AND received_at IS NOT NULL
          AND (time_text IS NULL OR time IS NOT NULL)
          AND starts_with(data::VARCHAR, '{')
          AND fields IS NOT NULL
          ${required.join(' ')}, false) AS castable
      FROM typed
    )
    SELECT ${kept} id, source, time, received_at, producer, epoch, sequence,
      schema_version, fields, castable,
      ${EVENT_KEY}::UUID AS event_key,
      md5(coalesce(data::VARCHAR, 'null'))::UUID AS content_hash,
      -- Kept only where they are needed, to tell what is wrong.
      CASE WHEN NOT castable THEN data::VARCHAR END AS data_text,
      CASE WHEN NOT castable THEN time_text END AS time_text
    FROM judged`;
}

/**
 * All data columns as one struct; NULL when a value does not cast. See
 * `textShape.ts` for why in two steps.
 */
export function castSql(json: string, columns: DuckdbColumn[]): string {
  if (columns.length === 0) {
    return 'true';
  }
  const fields = columns.map(
    column => `${quoteIdentifier(column.name)} ${column.type}`,
  );
  const type = `STRUCT(${fields.join(', ')})`;
  return `TRY(CAST(TRY_CAST(${json} AS ${textShapeOf(type)}) AS ${type}))`;
}

export const CREATE_KNOWN_SQL = `
  CREATE TEMP TABLE known (
    event_key UUID, content_hash UUID, bucket_start TIMESTAMPTZ)`;

/** Looks the keys up in id files; `$1` is the list of their paths. */
export const FIND_KNOWN_SQL = `
  INSERT INTO known
  SELECT event_key, content_hash, bucket_start FROM ${readIdFilesSql('$1')}
  WHERE event_key IN (SELECT event_key FROM staged WHERE castable)`;

/** Ids that the ledger knew; `$1` and `$2` are lists of the same length. */
export const INSERT_KNOWN_SQL = `
  INSERT INTO known
  SELECT unnest(CAST($1 AS UUID[])), unnest(CAST($2 AS UUID[])), NULL`;

/** In the order of the ledger's index, which makes looking up local. */
export const CANDIDATE_KEYS_SQL = `
  SELECT DISTINCT event_key::VARCHAR FROM staged WHERE castable ORDER BY 1`;

export const REPEATED_SQL = `
  CREATE TEMP TABLE repeated AS
  SELECT event_key FROM staged GROUP BY event_key HAVING count(*) > 1`;

/** @param line - one of {@link LINE_OF_WHOLE} and {@link LINE_OF_SHARD} */
export function judgedSql(line: string): string {
  return `
  CREATE TEMP TABLE judged AS
  WITH suspect AS (
    SELECT rowid AS staged_row, ${line} AS line, event_key, content_hash,
      castable, received_at, epoch, sequence
    FROM staged
    WHERE NOT castable OR event_key IN (
      SELECT event_key FROM repeated UNION ALL SELECT event_key FROM known)
  ),
  numbered AS (
    SELECT *,
      row_number() OVER (
        PARTITION BY event_key, content_hash ORDER BY ${ARRIVAL_ORDER}) AS copy,
      EXISTS (
        SELECT 1 FROM known k WHERE k.event_key = s.event_key
          AND k.content_hash = s.content_hash) AS is_known
    FROM suspect s
  ),
  fated AS (
    SELECT *, CASE
      WHEN copy > 1 THEN 'duplicate_inside'
      WHEN NOT castable THEN 'refused'
      WHEN is_known THEN 'duplicate_of_earlier'
      ELSE 'delivered' END AS fate
    FROM numbered
  )
  SELECT staged_row, event_key, content_hash, fate,
    event_key IN (SELECT event_key FROM known)
      OR row_number() OVER (
        PARTITION BY event_key, fate ORDER BY ${ARRIVAL_ORDER}) > 1
      AS id_conflict
  FROM fated`;
}

const DELIVERED = `
  FROM staged s LEFT JOIN judged j ON j.staged_row = s.rowid
  WHERE (j.fate IS NULL OR j.fate = 'delivered')`;

/** The rows of the id file; `bucketStart` comes from our own clock. */
export function deliveredIdsSql(bucketStart: Date): string {
  return `SELECT s.event_key, s.content_hash,
    ${quoteLiteral(bucketStart.toISOString())}::TIMESTAMPTZ AS bucket_start
    ${DELIVERED}`;
}

/**
 * Where events with the given keys, `$1`, lie once this bucket is sealed: in it,
 * or where they were before. Only of keys that came in it, and not as events
 * that are refused.
 */
export function landingsSql(bucketStart: Date): string {
  return `
    WITH asked AS (
      SELECT event_key FROM staged WHERE castable
        AND event_key IN (SELECT unnest(CAST($1 AS UUID[])))
    )
    SELECT event_key::VARCHAR AS event_key,
      content_hash::VARCHAR AS content_hash, bucket_start
    FROM (
      ${deliveredIdsSql(bucketStart)} AND s.event_key IN (FROM asked)
      UNION ALL
      SELECT event_key, content_hash, bucket_start FROM known
      WHERE bucket_start IS NOT NULL AND event_key IN (FROM asked)
    )`;
}

/** Every fate counted from its own rows, none as the rest of another. */
export const COUNTS_SQL = `
  SELECT
    (SELECT count(*) FROM staged) AS read,
    (SELECT count(*) ${DELIVERED}) AS delivered,
    count(*) FILTER (fate = 'refused') AS refused,
    count(*) FILTER (fate = 'duplicate_inside') AS duplicates_inside,
    count(*) FILTER (fate = 'duplicate_of_earlier') AS duplicates_of_earlier
  FROM judged`;

export const DROP_SQL = `
  DROP TABLE judged; DROP TABLE repeated; DROP TABLE known; DROP TABLE staged`;

export const REFUSED_SQL = `
  SELECT s.id, s.source, s.time_text, s.received_at, s.producer, s.epoch,
    s.sequence, s.data_text
  FROM judged j JOIN staged s ON s.rowid = j.staged_row
  WHERE j.fate = 'refused'
  ORDER BY s.received_at, s.source, s.id, j.content_hash`;

/**
 * Writes the partition's file; `$1` is its path.
 *
 * In the order of receiving, which is how most readers ask for a part of it; the
 * events come nearly so already. zstd's first level takes a quarter less time
 * than its usual one for three per cent more bytes.
 */
export function writePartSql(
  columns: DuckdbColumn[],
  rowsPerGroup: number,
): string {
  const data = columns.map(
    ({ name }) =>
      `s.fields.${quoteIdentifier(name)} AS ${quoteIdentifier(name)}`,
  );
  return `
    COPY (
      SELECT s.id AS _id, s.source AS _source, s.time AS _time,
        s.received_at AS _received_at, s.producer AS _producer,
        s.epoch AS _epoch, s.sequence AS _sequence,
        s.schema_version AS _schema_version,
        coalesce(j.id_conflict, false) AS _id_conflict
        ${data.map(column => `, ${column}`).join('')}
      ${DELIVERED}
      ORDER BY s.received_at, s.id, s.content_hash
    ) TO $1 (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1,
      ROW_GROUP_SIZE ${Number(rowsPerGroup)})`;
}

/** What the written file itself says; `$1` is its path. */
export const INSPECT_PART_SQL = `
  SELECT count(*) AS rows, count(*) FILTER (_id_conflict) AS conflicts,
    min(_received_at) AS min_received_at, max(_received_at) AS max_received_at,
    min(_time) AS min_time, max(_time) AS max_time
  FROM read_parquet($1)`;

/** Which columns do not cast; `$1` is the JSON text of one event's data. */
export function findBadColumnsSql(columns: DuckdbColumn[]): string {
  return columns
    .map(column => {
      const own = castSql('data', [{ ...column, required: false }]);
      const name = quoteLiteral(column.name);
      return `SELECT ${name} AS name FROM (SELECT $1::JSON AS data)
        WHERE ${own} IS NULL`;
    })
    .join(' UNION ALL ');
}
