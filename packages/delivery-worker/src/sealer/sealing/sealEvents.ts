import { Knex } from 'knex';
import {
  DuckdbSession,
  LakeStore,
  LocalPart,
  PartitionCounts,
} from '@millrace/lake';
import {
  FrozenBatch,
  listIdFiles,
  listReplayedEventKeys,
  ReplayLanding,
} from '@millrace/ledger';
import { Bucket, RefusedEvent } from '@millrace/schema';
import { KeySums, originsOf, writeBooks, writeOriginRuns } from '../accounting';
import { SealerError } from '../errors';
import { gatherBatches } from './gatherBatches';
import { combineIds } from './idParts';
import { SealedShard, sealShard, ShardStep, TimeRange } from './sealShard';
import { divideIntoShards, shardCountOf } from './shards';
import { describeDamage, reportingDamage } from './stagedDamage';
import { TypeSchema } from './typeSchemas';

export type SealStep = 'gathered' | ShardStep | 'counted';

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
  const origins = originsOf(gathered.flatMap(files => files.batches));
  await writeOriginRuns(duckdb, origins);
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
        { ...options, idFiles, replayedKeys, origins },
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
  const ids = await combineIds(
    options,
    delivered.map(shard => shard.ids),
  );
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
