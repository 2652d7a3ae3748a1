import { DuckdbRow, DuckdbSession, listParameter } from '@millrace/lake';
import { AuditFinding, AuditFindingCode } from '@millrace/ledger';
import { Remark } from './manifestChecks';
import { AuditedManifest } from './storedManifest';

/*
 * What the rows themselves say, by statements of the auditor's own. They read
 * the columns of the envelope and no column of an event's data.
 *
 * Rows without the conflict mark have unique (source, id) over the horizon:
 * that is what sealing promises (ADR 0005), so that is what is looked for. Ids
 * are compared by a hash of 64 bits first, which keeps a large partition in
 * little memory; what meets there is compared in full.
 */

/** What {@link checkRows} looks for. */
export const ROW_CHECKS: AuditFindingCode[] = [
  'file_unreadable',
  'file_rows_differ',
  'rows_differ_from_manifest',
  'received_outside_bucket',
  'duplicate_in_partition',
];

/** Producers told of, at most, for one kind of finding. */
const MAX_PRODUCERS = 20;

/** A remark about events, perhaps of a known producer. */
export type RowRemark = Remark & Pick<AuditFinding, 'events' | 'producer'>;

const FACTS_SQL = `
  SELECT count(*) AS rows, count(_received_at) AS received,
    count(*) FILTER (_id IS NULL OR _source IS NULL) AS unnamed,
    count(*) FILTER (_id_conflict) AS conflicts,
    count(*) FILTER (_received_at < CAST($2 AS TIMESTAMPTZ)) AS early,
    count(*) FILTER (_received_at >= CAST($3 AS TIMESTAMPTZ)) AS late,
    min(_received_at) IS NOT DISTINCT FROM CAST($4 AS TIMESTAMPTZ)
      AND max(_received_at) IS NOT DISTINCT FROM CAST($5 AS TIMESTAMPTZ)
      AND min(_time) IS NOT DISTINCT FROM CAST($6 AS TIMESTAMPTZ)
      AND max(_time) IS NOT DISTINCT FROM CAST($7 AS TIMESTAMPTZ) AS times_fit
  FROM read_parquet($1, hive_partitioning = false)`;

const UNMARKED = `
  SELECT _source, _id, _producer, _epoch, _sequence, _received_at
  FROM read_parquet($1, hive_partitioning = false)
  WHERE NOT coalesce(_id_conflict, false)`;

/** By producer; sequences are those of the copies, not of the first ones. */
const DUPLICATES_INSIDE_SQL = `
  WITH twice AS (
    SELECT hash(_source, _id) AS key FROM (${UNMARKED})
    GROUP BY key HAVING count(*) > 1
  ),
  copies AS (
    SELECT _producer, _epoch, _sequence, row_number() OVER (
      PARTITION BY _source, _id ORDER BY _received_at, _sequence) AS copy
    FROM (${UNMARKED}) WHERE hash(_source, _id) IN (SELECT key FROM twice)
  )
  SELECT _producer AS producer, _epoch AS epoch, count(*) AS events,
    min(_sequence) AS first_sequence, max(_sequence) AS last_sequence
  FROM copies WHERE copy > 1 GROUP BY producer, epoch
  ORDER BY events DESC, producer, epoch LIMIT ${MAX_PRODUCERS}`;

/** `$1` are the files of the later partition, `$2` those of the other. */
const DUPLICATES_ACROSS_SQL = `
  SELECT _producer AS producer, _epoch AS epoch, count(*) AS events,
    min(_sequence) AS first_sequence, max(_sequence) AS last_sequence
  FROM (${UNMARKED})
  WHERE (_source, _id) IN (
    SELECT (_source, _id) FROM read_parquet($2, hive_partitioning = false)
    WHERE NOT coalesce(_id_conflict, false))
  GROUP BY producer, epoch
  ORDER BY events DESC, producer, epoch LIMIT ${MAX_PRODUCERS}`;

/** `$1` are the files of the rows, `$2` the file of ids; keys as in ADR 0005. */
const IDS_SQL = `
  WITH event AS (
    SELECT DISTINCT md5(_source || chr(10) || _id)::UUID AS event_key
    FROM read_parquet($1, hive_partitioning = false)
  ),
  known AS (
    SELECT DISTINCT event_key
    FROM read_parquet($2, hive_partitioning = false)
  )
  SELECT
    (SELECT count(*) FROM event ANTI JOIN known USING (event_key))
      AS without_id,
    (SELECT count(*) FROM known ANTI JOIN event USING (event_key))
      AS without_event,
    (SELECT count(*) FROM read_parquet($1, hive_partitioning = false))
      - (SELECT count(*) FROM read_parquet($2, hive_partitioning = false))
      AS excess`;

/**
 * Whether a file of ids holds the ids of the rows. One that is missing lets a
 * duplicate through later, one too many drops an event that was never
 * delivered.
 */
export async function compareIds(
  duckdb: DuckdbSession,
  files: string[],
  idFile: string,
): Promise<string | undefined> {
  const [found] = await duckdb.rows(IDS_SQL, [
    listParameter(files),
    listParameter([idFile]),
  ]);
  const { without_id: withoutId, without_event: withoutEvent, excess } = found;
  return withoutId === 0 && withoutEvent === 0 && excess === 0
    ? undefined
    : `${withoutId} events have no id in it, ${withoutEvent} ids belong to no event`;
}

/**
 * Counts what is in the files and compares it with the manifest; looks for rows
 * that are there twice and for receive times outside of the bucket.
 */
export async function checkRows(
  duckdb: DuckdbSession,
  files: string[],
  manifest: AuditedManifest,
): Promise<{ rows: number; remarks: RowRemark[] }> {
  const source = listParameter(files);
  const { bucket, counts } = manifest;
  const [facts] = await duckdb.rows(FACTS_SQL, [
    source,
    bucket.start,
    bucket.end,
    manifest.minReceivedAt ?? null,
    manifest.maxReceivedAt ?? null,
    manifest.minTime ?? null,
    manifest.maxTime ?? null,
  ]);
  const copies = await duckdb.rows(DUPLICATES_INSIDE_SQL, [source]);
  return {
    rows: Number(facts.rows),
    remarks: [
      ...checkFacts(facts, counts),
      ...copies.map(row => ({
        code: 'duplicate_in_partition' as const,
        message: `${row.events} rows are there again that share source and id with another row`,
        ...describeOrigin(row),
      })),
    ],
  };
}

function checkFacts(
  facts: DuckdbRow,
  counts: AuditedManifest['counts'],
): RowRemark[] {
  const rows = Number(facts.rows);
  const remarks: RowRemark[] = [];
  if (rows !== counts.delivered) {
    remarks.push({
      code: 'file_rows_differ',
      message: `${rows} rows could be read; ${counts.delivered} events were delivered`,
      events: Math.abs(counts.delivered - rows),
    });
  }
  if (Number(facts.conflicts) !== counts.conflicts) {
    remarks.push({
      code: 'rows_differ_from_manifest',
      message: `${facts.conflicts} rows are marked as conflicts; the manifest has ${counts.conflicts}`,
    });
  } else if (facts.times_fit !== true) {
    remarks.push({
      code: 'rows_differ_from_manifest',
      message:
        'The earliest and latest times of the rows are not those of the manifest',
    });
  } else if (Number(facts.unnamed) > 0) {
    remarks.push({
      code: 'rows_differ_from_manifest',
      message: `${facts.unnamed} rows have no id or no source, which every event has`,
    });
  }
  const unreceived = rows - Number(facts.received);
  const unmarked = Math.max(0, Number(facts.early) - counts.skewed);
  const outside = unreceived + unmarked + Number(facts.late);
  if (outside > 0) {
    remarks.push({
      code: 'received_outside_bucket',
      message: `${facts.late} rows were received after the bucket, ${facts.early} before it of which ${counts.skewed} may be as skew, ${unreceived} at no known time`,
      events: outside,
    });
  }
  return remarks;
}

/** Rows that two partitions share although neither is marked as a conflict. */
export async function checkAcross(
  duckdb: DuckdbSession,
  files: string[],
  peer: { path: string; files: string[] },
): Promise<RowRemark[]> {
  const shared = await duckdb.rows(DUPLICATES_ACROSS_SQL, [
    listParameter(files),
    listParameter(peer.files),
  ]);
  return shared.map(row => ({
    code: 'duplicate_across_partitions',
    message: `${row.events} rows are also in ${peer.path}`,
    ...describeOrigin(row),
  }));
}

function describeOrigin(
  row: DuckdbRow,
): Pick<AuditFinding, 'events' | 'producer'> {
  const { producer, epoch, first_sequence: first, last_sequence: last } = row;
  return {
    events: Number(row.events),
    producer:
      typeof producer === 'string'
        ? {
            producer,
            epoch: typeof epoch === 'string' ? epoch : undefined,
            firstSequence: typeof first === 'number' ? first : undefined,
            lastSequence: typeof last === 'number' ? last : undefined,
          }
        : undefined,
  };
}
