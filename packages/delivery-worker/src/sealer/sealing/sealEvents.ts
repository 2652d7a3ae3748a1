import path from 'node:path';
import { Knex } from 'knex';
import {
  DuckdbRow,
  DuckdbSession,
  JsonValue,
  listParameter,
  LocalPart,
  PartitionCounts,
} from '@millrace/lake';
import { EventKey, findKnownEventKeys, FrozenBatch } from '@millrace/ledger';
import { Bucket, RefusedEvent } from '@millrace/schema';
import { accountEvents, KeySums } from '../accounting';
import { messageOf, SealerError } from '../errors';
import { findDamagedBatches, gatherBatches } from './gatherBatches';
import { readRefusedEvents } from './refusedAtSealing';
import * as sql from './sealingSql';
import { TypeSchema } from './typeSchemas';

/** Keys looked up in the ledger at a time. */
const KEYS_PER_LOOKUP = 50_000;

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
  refused: RefusedEvent[];
  /** The keys of all delivered events. */
  keys: AsyncIterable<EventKey>;
  minReceivedAt?: string;
  maxReceivedAt?: string;
  minTime?: string;
  maxTime?: string;
}

export interface SealEventsOptions {
  ledger: Knex;
  partitionId: string;
  /** A session of its own: the tables in it live until it is closed. */
  duckdb: DuckdbSession;
  schema: TypeSchema;
  bucket: Bucket;
  batches: FrozenBatch[];
  /** Exists and is empty; whatever is written stays in there. */
  folder: string;
  /** How many files to read at once. */
  threads: number;
  onStep(step: SealStep): void | Promise<void>;
}

/**
 * Turns the frozen batches of a bucket into a Parquet file.
 *
 * Guarantees: every event of the batches has exactly one fate (delivered,
 * duplicate, refused), and the sum is checked against what the gateways said
 * they put in, with the delivered ones counted in the finished file; nothing
 * outside the folder is written. The result depends on the batches, the schema
 * and the known keys alone, so it can be thrown away and made again.
 *
 * @throws SealerError with code `staged_file_damaged` or `counts_do_not_balance`
 */
export async function sealEvents(
  options: SealEventsOptions,
): Promise<SealedEvents> {
  const { duckdb, schema, batches, folder, onStep } = options;
  const gathered = await gatherBatches({
    batches,
    folder,
    filesPerVersion: options.threads,
  });
  await onStep('gathered');

  await load(options, gathered);
  await onStep('loaded');

  await duckdb.run(sql.FIRST_COPY_SQL);
  await findKnown(options);
  await duckdb.run(sql.DELIVERED_SQL);
  await onStep('deduplicated');

  const part = await writePart(options);
  await onStep('written');

  const [fates] = await duckdb.rows(sql.COUNTS_SQL);
  const counts: PartitionCounts = {
    accepted: sumOf(batches, batch => batch.header.events),
    delivered: part.rows,
    duplicates:
      numberOf(fates.duplicates_inside) + numberOf(fates.duplicates_of_earlier),
    refused: numberOf(fates.refused),
    conflicts: part.conflicts,
    skewed: countSkewed(batches, options.bucket),
  };
  assertBalance(counts, fates);
  const keySums = await accountEvents({
    ...options,
    eventType: schema.eventType,
    columns: schema.columns,
  });
  await onStep('counted');

  return {
    counts,
    keySums,
    parts:
      part.rows > 0 ? [{ localFile: part.localFile, rows: part.rows }] : [],
    refused:
      counts.refused > 0
        ? await readRefusedEvents(duckdb, {
            eventType: schema.eventType,
            columns: schema.columns,
            validate: schema.validate,
          })
        : [],
    keys: keysOf(duckdb, sql.DELIVERED_KEYS_SQL),
    ...part.range,
  };
}

/** Accepted events whose batch was received for an earlier bucket. */
function countSkewed(batches: FrozenBatch[], bucket: Bucket): number {
  return sumOf(
    batches.filter(batch => batch.header.bucket.start < bucket.start),
    batch => batch.header.events,
  );
}

async function load(
  options: SealEventsOptions,
  gathered: { schemaVersion: number; files: string[] }[],
): Promise<void> {
  const { duckdb, schema, batches } = options;
  try {
    await duckdb.run(
      sql.loadStagedSql(gathered, schema.columns),
      gathered.map(({ files }) => listParameter(files)),
    );
  } catch (error) {
    if (/^(Invalid Input|Conversion|IO) Error/.test(messageOf(error))) {
      // Not as cause: DuckDB quotes the line, which may hold personal data.
      throw await describeDamage(options);
    }
    throw error;
  }
  const [{ read }] = await duckdb.rows('SELECT count(*) AS read FROM staged');
  // A zstd stream that is cut short reads as a shorter one.
  if (read !== sumOf(batches, batch => batch.header.events)) {
    throw await describeDamage(options);
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

/** Asks the ledger which of the bucket's keys earlier partitions hold. */
async function findKnown(options: SealEventsOptions): Promise<void> {
  const { duckdb, ledger, schema } = options;
  const { eventType } = schema;
  const eventKeys: string[] = [];
  const contentHashes: string[] = [];
  const lookUp = async (keys: EventKey[]) => {
    for (const [key, hashes] of await findKnownEventKeys(ledger, {
      eventType,
      keys,
    })) {
      for (const hash of hashes) {
        eventKeys.push(key);
        contentHashes.push(hash);
      }
    }
  };
  // What is known is kept until all keys are read: a session runs one statement
  // at a time. Normally it is a small part.
  let keys: EventKey[] = [];
  for await (const more of keyChunksOf(duckdb, sql.CANDIDATE_KEYS_SQL)) {
    keys = keys.concat(more);
    if (keys.length >= KEYS_PER_LOOKUP) {
      await lookUp(keys);
      keys = [];
    }
  }
  if (keys.length > 0) {
    await lookUp(keys);
  }
  await duckdb.run(sql.CREATE_KNOWN_SQL);
  for (let from = 0; from < eventKeys.length; from += KEYS_PER_LOOKUP) {
    await duckdb.run(sql.INSERT_KNOWN_SQL, [
      listParameter(eventKeys.slice(from, from + KEYS_PER_LOOKUP)),
      listParameter(contentHashes.slice(from, from + KEYS_PER_LOOKUP)),
    ]);
  }
}

/** In chunks, because awaiting a million keys one by one takes a second. */
async function* keyChunksOf(
  duckdb: DuckdbSession,
  statement: string,
): AsyncGenerator<EventKey[]> {
  for await (const [eventKeys, contentHashes] of duckdb.columns(statement)) {
    yield eventKeys.map((eventKey, index) => ({
      eventKey: String(eventKey),
      contentHash: String(contentHashes[index]),
    }));
  }
}

async function* keysOf(
  duckdb: DuckdbSession,
  statement: string,
): AsyncGenerator<EventKey> {
  for await (const keys of keyChunksOf(duckdb, statement)) {
    yield* keys;
  }
}

async function writePart(options: SealEventsOptions) {
  const { duckdb, schema, batches, folder } = options;
  const localFile = path.join(folder, 'part.parquet');
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

function assertBalance(counts: PartitionCounts, fates: DuckdbRow): void {
  const { accepted, delivered, duplicates, refused } = counts;
  if (
    accepted !== delivered + duplicates + refused ||
    accepted !== numberOf(fates.read) ||
    delivered !== numberOf(fates.delivered)
  ) {
    throw new SealerError(
      'counts_do_not_balance',
      `${accepted} events were accepted and ${fates.read} read, but ${delivered} are in the file (${fates.delivered} should be), ${duplicates} are duplicates and ${refused} refused`,
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
