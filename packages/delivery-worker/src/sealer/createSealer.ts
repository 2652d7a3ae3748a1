import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb, DuckdbSession } from '@millrace/lake';
import { listBucketsToClose } from '@millrace/ledger';
import { defaultLatenessObjectivesMs } from '@millrace/schema';
import { TierQueue } from '../tiers';
import { DueType, groupByType, sealByTier } from './sealByTier';
import { createTypeSchemas } from './sealing';
import { helpWithShards } from './shards';
import { Sealer, SealerOptions, SealerRun } from './types';
import { createTypeSealer, TypeRun } from './typeSealer';
import { createWaitingReport } from './waitingReport';

const DEFAULT_GRACE_MS = 500;
const DEFAULT_LIMIT = 5_000;
const DEFAULT_CONCURRENCY = 4;
const DEFAULT_MAX_TURNS_MS = 5_000;

/**
 * Creates the sealer: the job that turns what is staged of an hour into one
 * immutable partition.
 *
 * Guarantees:
 * - Exactly one partition per bucket and event type, complete by the rule in
 *   `decideClosing`, without duplicates over the horizon, with every accepted
 *   event accounted for; however often sealers die, and however many run.
 * - Types do not hold each other up: they are sealed side by side, and one that
 *   fails is tried again on its own schedule. Critical types go first, also
 *   those that become due while others are worked on, and low ones are not
 *   starved (`sealByTier`). Within a
 *   type a bucket that is stuck does not stop the next one, unless it is
 *   published and not yet committed: then its ids must be committed first, or
 *   the next bucket could deliver its events again.
 * - Memory is bounded: large buckets are sealed in shards, by all workers that have
 *   time, and DuckDB spills to disk beyond its limit.
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
    maxTurnsMs = DEFAULT_MAX_TURNS_MS,
    memoryLimit,
    threads = 2,
  } = options;
  const reportWaiting = createWaitingReport({
    ledger,
    worker: options.workerId,
    logger: options.logger,
  });
  const queue = new TierQueue<DueType>();
  let duckdb: Promise<Duckdb> | undefined;
  let prepared: Promise<void> | undefined;
  let running: Promise<SealerRun> | undefined;
  let helping: Promise<number> | undefined;
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

  async function prepare(): Promise<void> {
    prepared ??= emptyFolder(tempDirectory);
    await prepared.catch(error => {
      prepared = undefined;
      throw error;
    });
  }

  async function run(): Promise<SealerRun> {
    await prepare();
    let sealed = 0;
    let ofLast = new Map<string, TypeRun>();
    for (let isDone = false; !isDone && !isClosing; ) {
      const turns = await takeTurns();
      const sealedNow = sum(turns.runs, type => type.sealed);
      sealed += sealedNow;
      ofLast = new Map([...ofLast, ...turns.runs]);
      // Without any progress the next look finds the same.
      isDone = turns.isDone || sealedNow === 0;
    }
    const result: SealerRun = {
      sealed,
      blocked: sum(ofLast, type => type.blockedBuckets.length),
      failed: sum(ofLast, type => type.failed),
      blockedBuckets: [...ofLast.values()].flatMap(type => type.blockedBuckets),
    };
    await reportWaiting(result.blockedBuckets);
    return result;
  }

  /** Looks for what is due and works on it for a while. */
  async function takeTurns() {
    const due = await listBucketsToClose(ledger, {
      now: clock(),
      graceMs,
      limit,
    });
    const [first] = due;
    const listedAt = performance.now();
    return sealByTier({
      types: groupByType(due),
      queue,
      objectivesMs:
        options.objectivesMs ??
        defaultLatenessObjectivesMs(first?.bucket.seconds ?? 3600),
      concurrency,
      clock,
      // At least one turn each, or there would be no progress at all.
      mayBegin: turns =>
        !isClosing &&
        (turns === 0 || performance.now() - listedAt < maxTurnsMs),
      sealType: (eventType, buckets) => sealType(eventType, buckets, listedAt),
    });
  }

  async function help(): Promise<number> {
    await prepare();
    return await helpWithShards({
      ...options,
      openDuckdb,
      idFolder: path.join(tempDirectory, 'ids-of-others'),
      isClosing: () => isClosing,
      onStep: async step => {
        await options.onHelpStep?.(step);
      },
    });
  }

  return {
    helpOnce() {
      helping ??= help().finally(() => {
        helping = undefined;
      });
      return helping;
    },
    runOnce() {
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    async close() {
      isClosing = true;
      await Promise.allSettled([running, helping]);
      (await duckdb?.catch(() => undefined))?.close();
      duckdb = undefined;
    },
  };
}

function sum(runs: Map<string, TypeRun>, of: (run: TypeRun) => number): number {
  return [...runs.values()].reduce((total, run) => total + of(run), 0);
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
