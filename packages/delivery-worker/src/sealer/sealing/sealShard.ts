import path from 'node:path';
import { JsonValue, listParameter, LocalPart } from '@millrace/lake';
import { FrozenBatch, ReplayLanding } from '@millrace/ledger';
import { Bucket, RefusedEvent } from '@millrace/schema';
import { accountShard, Origins, ShardAccounts } from '../accounting';
import { SealerError } from '../errors';
import { writeIds } from './idParts';
import { findKnownIds, KnownIdsOptions } from './knownIds';
import { readRefusedEvents } from './refusedAtSealing';
import * as sql from './sealingSql';
import { ShardSource } from './shards';
import { reportingDamage } from './stagedDamage';
import { TypeSchema } from './typeSchemas';

/** DuckDB holds a row group in memory, so wide events get fewer rows. */
const ROW_GROUP_BYTES = 64 * 1024 * 1024;
const MAX_ROWS_PER_GROUP = 122_880;
const MIN_ROWS_PER_GROUP = 2_048;

export type ShardStep = 'loaded' | 'deduplicated' | 'written';

export interface SealShardOptions extends Omit<KnownIdsOptions, 'eventType'> {
  schema: TypeSchema;
  bucket: Bucket;
  /** Of all shards. */
  batches: FrozenBatch[];
  folder: string;
  replayedKeys: string[];
  /** Of all shards; with their runs in the table `origin_run`. */
  origins: Origins;
  onStep(step: ShardStep): void | Promise<void>;
}

/** What the events of one shard have become. */
export interface SealedShard {
  read: number;
  duplicates: number;
  refused: RefusedEvent[];
  landings: ReplayLanding[];
  accounts: ShardAccounts;
  part: LocalPart & { conflicts: number; range: TimeRange };
  ids: LocalPart;
}

/** ISO texts in UTC; none of what nothing is delivered of. */
export interface TimeRange {
  minReceivedAt?: string;
  maxReceivedAt?: string;
  minTime?: string;
  maxTime?: string;
}

/**
 * Seals one shard of a bucket into one Parquet file and one file of ids, in the
 * folder. Its tables are gone from the session afterwards.
 *
 * @throws SealerError with code `staged_file_damaged` or `counts_do_not_balance`
 */
export async function sealShard(
  options: SealShardOptions,
  source: ShardSource,
  index: number,
): Promise<SealedShard> {
  const { duckdb, schema, folder, onStep } = options;
  const { eventType } = schema;
  await reportingDamage(options, () =>
    duckdb.run(source.sql, source.parameters),
  );
  await onStep('loaded');

  await findKnownIds({ ...options, eventType });
  await duckdb.run(sql.REPEATED_SQL);
  await duckdb.run(sql.judgedSql(source.line));
  await onStep('deduplicated');

  const part = await writePart(options, path.join(folder, `${index}.parquet`));
  const ids = await writeIds(options, path.join(folder, `${index}.ids`));
  await onStep('written');

  const [fates] = await duckdb.rows(sql.COUNTS_SQL);
  if (part.rows !== fates.delivered || ids.rows !== part.rows) {
    throw new SealerError(
      'counts_do_not_balance',
      `${fates.delivered} events are to be delivered, but ${part.rows} are in the file and ${ids.rows} in its id file`,
    );
  }
  const refused =
    numberOf(fates.refused) > 0
      ? await readRefusedEvents(duckdb, {
          eventType,
          columns: schema.columns,
          validate: schema.validate,
        })
      : [];
  const landings = await findLandings(options);
  const accounts = await accountShard({
    ...options,
    eventType,
    columns: schema.columns,
    line: source.line,
  });
  await duckdb.run(sql.DROP_SQL);
  await source.discard();
  return {
    read: numberOf(fates.read),
    duplicates:
      numberOf(fates.duplicates_inside) + numberOf(fates.duplicates_of_earlier),
    refused,
    landings,
    accounts,
    part,
    ids,
  };
}

async function findLandings(
  options: SealShardOptions,
): Promise<ReplayLanding[]> {
  const { duckdb, bucket, replayedKeys } = options;
  if (replayedKeys.length === 0) {
    return [];
  }
  const rows = await duckdb.rows(sql.landingsSql(bucket.start), [
    listParameter(replayedKeys),
  ]);
  return rows.map(row => ({
    eventKey: String(row.event_key),
    contentHash: String(row.content_hash),
    bucketStart: String(row.bucket_start),
  }));
}

async function writePart(options: SealShardOptions, localFile: string) {
  const { duckdb, schema, batches } = options;
  let bytes = 0;
  let events = 0;
  for (const { header } of batches) {
    bytes += header.bytes;
    events += header.events;
  }
  const bytesPerEvent = bytes / Math.max(1, events);
  const rowsPerGroup = Math.round(
    Math.min(
      MAX_ROWS_PER_GROUP,
      Math.max(MIN_ROWS_PER_GROUP, ROW_GROUP_BYTES / bytesPerEvent),
    ),
  );
  await duckdb.run(sql.writePartSql(schema.columns, rowsPerGroup), [localFile]);
  const [found] = await duckdb.rows(sql.INSPECT_PART_SQL, [localFile]);
  return {
    localFile,
    rows: numberOf(found.rows),
    conflicts: numberOf(found.conflicts),
    range: {
      minReceivedAt: textOf(found.min_received_at),
      maxReceivedAt: textOf(found.max_received_at),
      minTime: textOf(found.min_time),
      maxTime: textOf(found.max_time),
    },
  };
}

function numberOf(value: JsonValue): number {
  return Number(value);
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
