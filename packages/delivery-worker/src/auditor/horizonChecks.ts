import { DuckdbSession, listParameter } from '@millrace/lake';
import { AuditFinding } from '@millrace/ledger';
import { RevisionPlace } from './types';

/** Ids compared at a time: 16 bytes each, with room to spare. */
const ROWS_PER_SLICE = 8_000_000;

/** Far more pairs of files than anybody wants to read about. */
const MAX_PAIRS = 1_000;

const ENVELOPE = `
  SELECT hash(_source, _id) AS key, _source, _id, _producer, _epoch, _sequence,
    filename
  FROM read_parquet($1, hive_partitioning = false, union_by_name = true,
    filename = true)
  WHERE NOT coalesce(_id_conflict, false)
    AND hash(_source, _id) % CAST($2 AS UBIGINT) = CAST($3 AS UBIGINT)`;

/**
 * Pairs of consecutive copies. Names of files sort by bucket, since they begin
 * with the same folder.
 */
const COPIES_SQL = `
  WITH twice AS (
    SELECT key FROM (${ENVELOPE}) GROUP BY key HAVING count(*) > 1
  ),
  copies AS (
    SELECT *, lag(filename) OVER (
      PARTITION BY _source, _id ORDER BY filename) AS earlier
    FROM (${ENVELOPE}) WHERE key IN (SELECT key FROM twice)
  )
  SELECT earlier, filename AS later, _producer AS producer, _epoch AS epoch,
    count(*) AS events, min(_sequence) AS first_sequence,
    max(_sequence) AS last_sequence
  FROM copies WHERE earlier <> filename
  GROUP BY earlier, later, producer, epoch
  ORDER BY later, earlier, producer, epoch LIMIT ${MAX_PAIRS}`;

/**
 * Looks for events that are in two partitions of one event type within the
 * horizon, over all partitions at once, in slices by a hash of the id.
 */
export async function checkHorizon(options: {
  duckdb: DuckdbSession;
  partitions: { place: RevisionPlace; files: string[]; rows: number }[];
  horizonMs: number;
}): Promise<AuditFinding[]> {
  const { duckdb, partitions, horizonMs } = options;
  const placeOfFile = new Map(
    partitions.flatMap(({ place, files }) =>
      files.map(file => [file, place] as const),
    ),
  );
  const files = listParameter([...placeOfFile.keys()]);
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0);
  const slices = Math.max(1, Math.ceil(rows / ROWS_PER_SLICE));
  const findings: AuditFinding[] = [];
  for (let slice = 0; placeOfFile.size > 1 && slice < slices; slice += 1) {
    for (const pair of await duckdb.rows(COPIES_SQL, [files, slices, slice])) {
      const later = placeOfFile.get(String(pair.later));
      const earlier = placeOfFile.get(String(pair.earlier));
      if (later && earlier && isWithin(later, earlier, horizonMs)) {
        const { producer, epoch, first_sequence: first } = pair;
        const { last_sequence: last } = pair;
        findings.push({
          code: 'duplicate_across_partitions',
          message: `${pair.events} rows are also in ${earlier.path}`,
          eventType: later.eventType,
          bucketStart: later.bucketStart,
          revision: later.revision,
          peer: earlier.path,
          events: Number(pair.events),
          producer:
            typeof producer === 'string'
              ? {
                  producer,
                  epoch: typeof epoch === 'string' ? epoch : undefined,
                  firstSequence: typeof first === 'number' ? first : undefined,
                  lastSequence: typeof last === 'number' ? last : undefined,
                }
              : undefined,
        });
      }
    }
  }
  return findings;
}

/** Of two partitions; one and the same is the matter of another check. */
function isWithin(
  left: RevisionPlace,
  right: RevisionPlace,
  horizonMs: number,
): boolean {
  const apart = Math.abs(
    left.bucketStart.getTime() - right.bucketStart.getTime(),
  );
  return apart > 0 && apart <= horizonMs;
}
