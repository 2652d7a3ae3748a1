import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb, DuckdbSession } from '@millrace/lake';
import { BucketToClose, listBucketsToClose } from '@millrace/ledger';
import { createTypeSchemas } from './sealing';
import { BlockedBucket, Sealer, SealerOptions, SealerRun } from './types';
import { createTypeSealer } from './typeSealer';

const DEFAULT_GRACE_MS = 500;
const DEFAULT_LIMIT = 5_000;
const DEFAULT_CONCURRENCY = 4;

/**
 * Creates the sealer: the job that turns what is staged of an hour into one
 * immutable partition.
 *
 * Guarantees:
 * - Exactly one partition per bucket and event type, complete by the rule in
 *   `decideClosing`, without duplicates over the horizon, with every accepted
 *   event accounted for; however often sealers die, and however many run.
 * - Types do not hold each other up: they are sealed side by side, and one that
 *   fails is tried again on its own schedule. Critical types go first. Within a
 *   type a bucket that is stuck does not stop the next one, unless it is
 *   published and not yet committed: then its ids must be committed first, or
 *   the next bucket could deliver its events again.
 * - Memory is bounded: large buckets are sealed in shards, and DuckDB spills to
 *   disk beyond its limit.
 * - No staged file is deleted here; see `stagedRetention`.
 */
export function createSealer(options: SealerOptions): Sealer {
  const {
    ledger,
    tempDirectory,
    clock = () => new Date(),
    graceMs = DEFAULT_GRACE_MS,
    limit = DEFAULT_LIMIT,
    concurrency = DEFAULT_CONCURRENCY,
    memoryLimit,
    threads = 2,
  } = options;
  const reportBlocked = createBlockedReport(options);
  let duckdb: Promise<Duckdb> | undefined;
  let isPrepared = false;
  let running: Promise<SealerRun> | undefined;
  let isClosing = false;

  function startDuckdb(): Promise<Duckdb> {
    return createDuckdb({
      memoryLimit,
      threads,
      tempDirectory: path.join(tempDirectory, 'duckdb'),
    });
  }

  /** A new session; of a new DuckDB, if the last one has not survived. */
  async function openDuckdb(): Promise<DuckdbSession> {
    duckdb ??= startDuckdb();
    const current = duckdb;
    try {
      const session = await (await current).session();
      await session.run('SELECT 1');
      return session;
    } catch {
      if (duckdb === current) {
        duckdb = startDuckdb();
      }
      return (await duckdb).session();
    }
  }

  const sealType = createTypeSealer({
    ...options,
    clock,
    threads,
    schemaOf: createTypeSchemas(ledger),
    openDuckdb,
    isClosing: () => isClosing,
  });

  async function run(): Promise<SealerRun> {
    if (!isPrepared) {
      await emptyFolder(tempDirectory);
      isPrepared = true;
    }
    const due = await listBucketsToClose(ledger, {
      now: clock(),
      graceMs,
      limit,
    });
    const result: SealerRun = {
      sealed: 0,
      blocked: 0,
      failed: 0,
      blockedBuckets: [],
    };
    const types = [...groupByType(due)];
    const listedAt = performance.now();
    await forEachConcurrently(types, concurrency, async ([type, buckets]) => {
      const ofType = await sealType(type, buckets, listedAt);
      result.sealed += ofType.sealed;
      result.failed += ofType.failed;
      result.blockedBuckets.push(...ofType.blockedBuckets);
    });
    result.blocked = result.blockedBuckets.length;
    reportBlocked(result.blockedBuckets);
    return result;
  }

  return {
    runOnce() {
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    async close() {
      isClosing = true;
      await running?.catch(() => {});
      (await duckdb?.catch(() => undefined))?.close();
      duckdb = undefined;
    },
  };
}

/** Keeps the order of the types and, within each, of the buckets. */
function groupByType(due: BucketToClose[]): Map<string, BucketToClose[]> {
  const types = new Map<string, BucketToClose[]>();
  for (const bucket of due) {
    const ofType = types.get(bucket.eventType);
    if (ofType) {
      ofType.push(bucket);
    } else {
      types.set(bucket.eventType, [bucket]);
    }
  }
  return types;
}

async function forEachConcurrently<T>(
  items: T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, items.length) }, async () => {
      for (const item of waiting) {
        await work(item);
      }
    }),
  );
}

/** Logs why buckets are blocked, once for each change of the reasons. */
function createBlockedReport(options: SealerOptions) {
  let last = new Map<string, string>();
  return (blocked: BlockedBucket[]) => {
    const current = new Map<string, string>();
    for (const { eventType, bucket, reasons } of blocked) {
      const key = `${eventType} ${bucket.start.toISOString()}`;
      const kind = reasons
        .map(({ code, gateway, epoch }) => `${code} ${gateway} ${epoch}`)
        .join();
      current.set(key, kind);
      if (last.get(key) !== kind) {
        options.logger.info(
          `Bucket ${bucket.start.toISOString()} of ${eventType} waits: ${reasons
            .map(({ message }) => message)
            .join('; ')}`,
          { eventType, bucketStart: bucket.start.toISOString() },
        );
      }
    }
    last = current;
  };
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
