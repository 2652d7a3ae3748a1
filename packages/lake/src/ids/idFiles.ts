import { parseEventTypeName } from '@millrace/schema';
import { quoteLiteral } from '../duckdb';

/*
 * The id file
 *
 * holds one row for each event that was delivered: what identifies it, what it
 * said, and which bucket it is in.
 *
 *   event_key     UUID         md5 of source, line feed, id
 *   content_hash  UUID         md5 of the text of `data`
 *   bucket_start  TIMESTAMPTZ  of the partition that holds the event
 *
 * It is Parquet, sorted by key. Its extension is `.ids`, so that whoever reads a
 * partition by a pattern such as `*.parquet` does not take ids for events.
 *
 * - Uncompressed: keys and hashes are as good as random, and nothing is gained.
 *   `bucket_start` is one value, or in a merged file few, and takes next to no
 *   room as a dictionary.
 * - Sorted, and in small row groups: a look-up of a few keys reads the few row
 *   groups that may hold them and not the whole horizon.
 *
 * A partition's own file lies beside its data. Merged ones lie in the folder
 * `ids` of the data endpoint; their names begin with the fencing token under
 * which they were made, by which a sweep knows whose they are.
 */

export const ID_FILE_EXTENSION = '.ids';

const ROWS_PER_GROUP = 32_768;

const TOKEN_DIGITS = 19;

/** A file of rows of `source`, a SQL query; `$1` is its path. */
export function writeIdFileSql(source: string): string {
  return `
    COPY (
      SELECT event_key, content_hash, bucket_start FROM (${source})
      ORDER BY event_key, content_hash
    ) TO $1 (FORMAT parquet, COMPRESSION uncompressed,
      ROW_GROUP_SIZE ${ROWS_PER_GROUP})`;
}

/** The table of all ids in files, whose paths are the list `parameter`. */
export function readIdFilesSql(parameter: string = '$1'): string {
  return `read_parquet(${parameter}, hive_partitioning = false)`;
}

/** A file of ids, some of which may not count. @public */
export interface CountingIdFile {
  /** Local. */
  path: string;
  /** Starts of buckets whose ids in it do not count, ISO 8601. */
  withoutBuckets: string[];
}

/** The table of the ids that count in files. @public */
export function readCountingIdsSql(files: CountingIdFile[]): string {
  const columns = 'event_key, content_hash, bucket_start';
  const whole = files.filter(file => file.withoutBuckets.length === 0);
  const parts = files.filter(file => file.withoutBuckets.length > 0);
  const list = (of: CountingIdFile[]) =>
    readIdFilesSql(`[${of.map(({ path }) => quoteLiteral(path)).join()}]`);
  const selects = [
    ...(whole.length > 0 ? [`SELECT ${columns} FROM ${list(whole)}`] : []),
    ...parts.map(
      file =>
        `SELECT ${columns} FROM ${list([file])}
         WHERE bucket_start NOT IN (${file.withoutBuckets
           .map(bucketStartSql)
           .join()})`,
    ),
  ];
  return selects.length > 0
    ? `(${selects.join(' UNION ALL ')})`
    : `(SELECT NULL::UUID AS event_key, NULL::UUID AS content_hash,
         NULL::TIMESTAMPTZ AS bucket_start WHERE false)`;
}

function bucketStartSql(start: string): string {
  return `${quoteLiteral(new Date(start).toISOString())}::TIMESTAMPTZ`;
}

/**
 * What files say of their content; `$1` is the list of their paths. Equal sums
 * of equally many rows mean equal content, whatever the order and wherever it
 * lies: a row that is missing cannot be made good by one that is there twice.
 */
export function inspectIdFileSql(
  /** Default: whole files. */
  source: string = readIdFilesSql(),
): string {
  return `
    SELECT count(*) AS rows,
      coalesce(sum(hash(event_key, content_hash, bucket_start)::HUGEINT), 0)
        ::VARCHAR AS checksum
    FROM ${source}`;
}

/** The folder of a data endpoint's merged id files. @public */
export function mergedIdsFolder(endpoint: string): string {
  return `${parseEventTypeName(endpoint)}/ids`;
}

/** The key of a merged id file. @public */
export function mergedIdFileKey(
  endpoint: string,
  options: { fencingToken: bigint; sha256: string },
): string {
  const token = String(options.fencingToken).padStart(TOKEN_DIGITS, '0');
  const hash = options.sha256.slice(0, 16);
  return `${mergedIdsFolder(
    endpoint,
  )}/merged-${token}-${hash}${ID_FILE_EXTENSION}`;
}

/** The fencing token in a key of {@link mergedIdFileKey}. @public */
export function mergedIdFileToken(key: string): bigint | undefined {
  const match = /\/merged-(\d+)-[0-9a-f]+\.ids$/.exec(key);
  return match ? BigInt(match[1]) : undefined;
}
