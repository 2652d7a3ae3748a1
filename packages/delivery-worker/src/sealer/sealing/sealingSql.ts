import { quoteIdentifier, quoteLiteral } from '@millrace/lake';
import { DuckdbColumn } from '@millrace/schema';
import { GatheredFiles } from './gatherBatches';
import { textShapeOf } from './textShape';

/*
 * The statements of one sealing, over temporary tables of one session:
 *
 *   staged      one row per accepted event, already cast
 *   first_copy  of events that are the same, the one that came first
 *   known       keys of these that earlier partitions hold (from the ledger)
 *   delivered   first copies that are new, with their conflict mark
 *
 * The same event: same source and id (CloudEvents says these identify it) and
 * the same content. Same source and id but other content is a conflict: both
 * are delivered, and all but the first are marked, so that rows without the
 * mark have unique ids.
 */

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
const ARRIVAL_ORDER = 'castable DESC, received_at, epoch, sequence, staged_row';

/** Reads and casts everything; `files` are lists of `$1`, `$2`, …. */
export function loadStagedSql(
  gathered: GatheredFiles[],
  columns: DuckdbColumn[],
): string {
  const lines = gathered.map(
    ({ schemaVersion }, index) => `
      SELECT *, ${Number(schemaVersion)}::INTEGER AS schema_version
      FROM read_json($${index + 1}, format = 'newline_delimited',
        compression = 'zstd', maximum_object_size = ${MAX_LINE_BYTES},
        columns = ${LINE_COLUMNS})`,
  );
  const required = columns
    // A required field of type JSON may hold a JSON null.
    .filter(column => column.required && column.type !== 'JSON')
    .map(column => `AND fields.${quoteIdentifier(column.name)} IS NOT NULL`);
  return `
    CREATE TEMP TABLE staged AS
    WITH line AS (${lines.join(' UNION ALL ')}),
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
    SELECT id, source, time, received_at, producer, epoch, sequence,
      schema_version, fields, castable,
      md5(coalesce(source, '') || chr(10) || coalesce(id, ''))::UUID
        AS event_key,
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

export const FIRST_COPY_SQL = `
  CREATE TEMP TABLE first_copy AS
  SELECT rowid AS staged_row, event_key, content_hash, castable,
    received_at, epoch, sequence
  FROM staged
  QUALIFY row_number() OVER (
    PARTITION BY event_key, content_hash
    ORDER BY ${ARRIVAL_ORDER.replace('staged_row', 'rowid')}) = 1`;

export const CREATE_KNOWN_SQL = `
  CREATE TEMP TABLE known (event_key UUID, content_hash UUID)`;

/** `$1` and `$2` are lists of the same length. */
export const INSERT_KNOWN_SQL = `
  INSERT INTO known
  SELECT unnest(CAST($1 AS UUID[])), unnest(CAST($2 AS UUID[]))`;

/** In the order of the ledger's index, which makes looking up local. */
export const CANDIDATE_KEYS_SQL = `
  SELECT event_key::VARCHAR, content_hash::VARCHAR
  FROM first_copy WHERE castable ORDER BY event_key, content_hash`;

export const DELIVERED_SQL = `
  CREATE TEMP TABLE delivered AS
  SELECT staged_row, event_key, content_hash,
    event_key IN (SELECT event_key FROM known)
      OR row_number() OVER (
        PARTITION BY event_key ORDER BY ${ARRIVAL_ORDER}) > 1 AS id_conflict
  FROM first_copy f
  WHERE castable AND NOT EXISTS (
    SELECT 1 FROM known k
    WHERE k.event_key = f.event_key AND k.content_hash = f.content_hash)`;

export const DELIVERED_KEYS_SQL = `
  SELECT event_key::VARCHAR, content_hash::VARCHAR
  FROM delivered ORDER BY event_key, content_hash`;

/** Every fate counted from its own rows, none as the rest of another. */
export const COUNTS_SQL = `
  SELECT
    (SELECT count(*) FROM staged) AS read,
    (SELECT count(*) FROM delivered) AS delivered,
    (SELECT count(*) FROM first_copy WHERE NOT castable) AS refused,
    (SELECT count(*) FROM staged s WHERE NOT EXISTS (
      SELECT 1 FROM first_copy f WHERE f.staged_row = s.rowid))
      AS duplicates_inside,
    (SELECT count(*) FROM first_copy f WHERE castable AND EXISTS (
      SELECT 1 FROM known k WHERE k.event_key = f.event_key
        AND k.content_hash = f.content_hash)) AS duplicates_of_earlier`;

export const REFUSED_SQL = `
  SELECT s.id, s.source, s.time_text, s.received_at, s.producer, s.epoch,
    s.sequence, s.data_text
  FROM first_copy f JOIN staged s ON s.rowid = f.staged_row
  WHERE NOT f.castable
  ORDER BY s.received_at, s.source, s.id, f.content_hash`;

/** Writes the partition's file; `$1` is its path. */
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
        s.schema_version AS _schema_version, d.id_conflict AS _id_conflict
        ${data.map(column => `, ${column}`).join('')}
      FROM delivered d JOIN staged s ON s.rowid = d.staged_row
      ORDER BY s.received_at, s.id, d.content_hash
    ) TO $1 (FORMAT parquet, COMPRESSION zstd,
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
