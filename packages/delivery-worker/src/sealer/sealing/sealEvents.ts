import path from 'node:path';
import { Knex } from 'knex';
import {
  DuckdbSession,
  JsonValue,
  LakeStore,
  listParameter,
  LocalPart,
  PartitionCounts,
  quoteLiteral,
  readIdFilesSql,
  writeIdFileSql,
} from '@millrace/lake';
import {
  FrozenBatch,
  listIdFiles,
  listReplayedEventKeys,
  LiveIdFiles,
  ReplayLanding,
} from '@millrace/ledger';
import { Bucket, RefusedEvent } from '@millrace/schema';
import {
  accountShard,
  KeySums,
  ShardAccounts,
  writeBooks,
} from '../accounting';
import { messageOf, SealerError } from '../errors';
import { findDamagedBatches, gatherBatches } from './gatherBatches';
import { findKnownIds } from './knownIds';
import { readRefusedEvents } from './refusedAtSealing';
import * as sql from './sealingSql';
import { divideIntoShards, shardCountOf, ShardSource } from './shards';
import { TypeSchema } from './typeSchemas';
import type { ReplacedPartitions } from './knownIds';

/** DuckDB holds a row group in memory, so wide events get fewer rows. */
const ROW_GROUP_BYTES = 64 * 1024 * 1024;
const MAX_ROWS_PER_GROUP = 122_880;
const MIN_ROWS_PER_GROUP = 2_048;

export type SealStep =
  | 'gathered'
  | 'loaded'
  | 'deduplicated'
  | 'written'
  | 'counted';

/** What the events of a bucket have become. */
export interface SealedEvents {
  counts: PartitionCounts;
  keySums: KeySums;
  /** None when nothing is delivered. */
  parts: LocalPart[];
  /** Their ids, in one file; none when nothing is delivered. */
  ids?: LocalPart;
  /** Up to which partition ids were known; see `commitPartition`. */
  seenThrough: string;
  /** Where events with the ids of replayed ones lie. */
  landings: ReplayLanding[];
  refused: RefusedEvent[];
  minReceivedAt?: string;
  maxReceivedAt?: string;
  minTime?: string;
  maxTime?: string;
}

export interface SealEventsOptions {
  ledger: Knex;
  partitionId: string;
  store: LakeStore;
  /** A session of its own: the tables in it live until it is closed. */
  duckdb: DuckdbSession;
  schema: TypeSchema;
  bucket: Bucket;
  batches: FrozenBatch[];
  /** Exists and is empty; whatever is written stays in there. */
  folder: string;
  /** For copies of id files, where the lake has no local ones. */
  idFolder: string;
  /** Of a revision: whose place it takes. */
  replaced?: ReplacedPartitions;
  /** How many files to read at once. */
  threads: number;
  /** Uncompressed bytes of events that are sealed at a time. */
  shardBytes: number;
  onStep(step: SealStep): void | Promise<void>;
}

/**
 * Turns the frozen batches of a bucket into Parquet files, one per shard, and
 * their ids into one id file.
 *
 * Guarantees: every event of the batches has exactly one fate (delivered,
 * duplicate, refused), and the sum is checked against what the gateways said
 * they put in, with the delivered ones counted in the finished files, and the
 * ids too; nothing outside the folders is written. The result depends on the
 * batches, the schema and the known ids alone, so it can be thrown away and made
 * again.
 *
 * @throws SealerError with code `staged_file_damaged` or `counts_do_not_balance`
 */
export async function sealEvents(
  options: SealEventsOptions,
): Promise<SealedEvents> {
  const { ledger, duckdb, schema, batches, folder, onStep } = options;
  const { eventType } = schema;
  // Before anything is compared, and never again: see `commitPartition`.
  const idFiles = await listIdFiles(ledger, { eventType });
  const replayedKeys = await listReplayedEventKeys(ledger, { eventType });
  const gathered = await gatherBatches({
    batches,
    folder,
    filesPerVersion: options.threads,
  });
  await onStep('gathered');

  const shards = await reportingDamage(options, () =>
    divideIntoShards({
      duckdb,
      gathered,
      columns: schema.columns,
      shards: shardCountOf(batches, options.shardBytes),
      folder,
    }),
  );
  const sealed: SealedShard[] = [];
  for (const source of shards) {
    sealed.push(
      await sealShard(
        { ...options, idFiles, replayedKeys },
        source,
        sealed.length,
      ),
    );
  }

  const delivered = sealed.filter(({ part }) => part.rows > 0);
  const sum = (of: (shard: SealedShard) => number) => sumOf(sealed, of);
  const read = sum(shard => shard.read);
  if (read !== sumOf(batches, batch => batch.header.events)) {
    // A zstd stream that is cut short reads as a shorter one.
    throw await describeDamage(options);
  }
  const counts: PartitionCounts = {
    accepted: sumOf(batches, batch => batch.header.events),
    delivered: sum(({ part }) => part.rows),
    duplicates: sum(shard => shard.duplicates),
    refused: sum(shard => shard.refused.length),
    conflicts: sum(({ part }) => part.conflicts),
    skewed: countSkewed(batches, options.bucket),
  };
  const ids = await combineIds(options, delivered);
  assertBalance(counts, { read, ids: ids?.rows ?? 0 });
  const keySums = await writeBooks({
    ...options,
    eventType,
    shards: sealed.map(({ accounts }) => accounts),
  });
  await onStep('counted');

  return {
    counts,
    keySums,
    parts: delivered.map(({ part }) => part),
    ids,
    seenThrough: idFiles.seenThrough,
    landings: sealed.flatMap(shard => shard.landings),
    refused: sealed.flatMap(shard => shard.refused),
    ...rangeOf(delivered),
  };
}

/** Accepted events whose batch was received for an earlier bucket. */
function countSkewed(batches: FrozenBatch[], bucket: Bucket): number {
  return sumOf(
    batches.filter(batch => batch.header.bucket.start < bucket.start),
    batch => batch.header.events,
  );
}

/** What the events of one shard have become. */
interface SealedShard {
  read: number;
  duplicates: number;
  refused: RefusedEvent[];
  landings: ReplayLanding[];
  accounts: ShardAccounts;
  part: LocalPart & { conflicts: number; range: TimeRange };
  ids: LocalPart;
}

interface TimeRange {
  minReceivedAt?: string;
  maxReceivedAt?: string;
  minTime?: string;
  maxTime?: string;
}

async function sealShard(
  options: SealEventsOptions & { idFiles: LiveIdFiles; replayedKeys: string[] },
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
  await duckdb.run(sql.JUDGED_SQL);
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

async function reportingDamage<T>(
  options: SealEventsOptions,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (/^(Invalid Input|Conversion|IO) Error/.test(messageOf(error))) {
      // Not as cause: DuckDB quotes the line, which may hold personal data.
      throw await describeDamage(options);
    }
    throw error;
  }
}

async function describeDamage(options: SealEventsOptions): Promise<Error> {
  const damaged = await findDamagedBatches(options.batches);
  return new SealerError(
    'staged_file_damaged',
    `The staged files of ${
      options.schema.eventType
    } do not hold what the ledger recorded: ${
      damaged.slice(0, 10).join('; ') ||
      'every batch has its number of lines, but not all of them are events'
    }`,
  );
}

async function findLandings(
  options: SealEventsOptions & { replayedKeys: string[] },
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

async function writePart(options: SealEventsOptions, localFile: string) {
  const { duckdb, schema, batches } = options;
  const bytesPerEvent =
    sumOf(batches, batch => batch.header.bytes) /
    Math.max(
      1,
      sumOf(batches, batch => batch.header.events),
    );
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

async function writeIds(
  { duckdb, bucket }: SealEventsOptions,
  localFile: string,
): Promise<LocalPart> {
  await duckdb.run(writeIdFileSql(sql.deliveredIdsSql(bucket.start)), [
    localFile,
  ]);
  return { localFile, rows: await countIds(duckdb, localFile) };
}

/** The ids of all shards in one file: a partition has one, whatever its size. */
async function combineIds(
  { duckdb, folder }: SealEventsOptions,
  shards: SealedShard[],
): Promise<LocalPart | undefined> {
  if (shards.length <= 1) {
    return shards[0]?.ids;
  }
  const localFile = path.join(folder, 'all.ids');
  const list = shards.map(({ ids }) => quoteLiteral(ids.localFile)).join();
  await duckdb.run(
    writeIdFileSql(`SELECT * FROM ${readIdFilesSql(`[${list}]`)}`),
    [localFile],
  );
  return { localFile, rows: await countIds(duckdb, localFile) };
}

async function countIds(duckdb: DuckdbSession, file: string): Promise<number> {
  const [{ rows }] = await duckdb.rows(
    `SELECT count(*) AS rows FROM ${readIdFilesSql()}`,
    [listParameter([file])],
  );
  return numberOf(rows);
}

function rangeOf(shards: SealedShard[]): TimeRange {
  const all = (key: keyof TimeRange) =>
    shards.flatMap(({ part }) => part.range[key] ?? []).sort(byInstant);
  return {
    minReceivedAt: all('minReceivedAt')[0],
    maxReceivedAt: all('maxReceivedAt').at(-1),
    minTime: all('minTime')[0],
    maxTime: all('maxTime').at(-1),
  };
}

/** ISO texts in UTC with differing numbers of digits. */
function byInstant(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || a.localeCompare(b);
}

function assertBalance(
  counts: PartitionCounts,
  { read, ids }: { read: number; ids: number },
): void {
  const { accepted, delivered, duplicates, refused } = counts;
  if (
    accepted !== delivered + duplicates + refused ||
    accepted !== read ||
    delivered !== ids
  ) {
    throw new SealerError(
      'counts_do_not_balance',
      `${accepted} events were accepted and ${read} read, but ${delivered} are in the files, ${ids} in the id file, ${duplicates} are duplicates and ${refused} refused`,
    );
  }
}

function sumOf<T>(items: T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

function numberOf(value: JsonValue): number {
  return Number(value);
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
