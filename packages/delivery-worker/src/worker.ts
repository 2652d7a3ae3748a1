import { resolve } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { openLakeStore, parseLakeLocation } from '@millrace/lake';
import {
  heartbeatWorker,
  listenForRevisions,
  pruneAttempts,
  pruneEventIds,
  pruneReplayLandings,
  pruneStagedBatches,
  pruneWriteKeyUses,
  retireIdFiles,
} from '@millrace/ledger';
import { LatenessObjectivesMs } from '@millrace/schema';
import { Knex } from 'knex';
import { createAuditor } from './auditor';
import { Backoff } from './backoff';
import { Clock } from './clock';
import { startConsumer } from './consumer';
import { Logger } from './logger';
import { createRefusedRetention } from './refusedRetention';
import { repeat } from './repeat';
import { createReviser } from './revisions';
import {
  createBacklogProbe,
  createIdUpkeep,
  createSealer,
  createShardSweep,
  shardsFolder,
} from './sealer';
import {
  BigQuerySettings,
  createAvroSink,
  createBigQuery,
  createBigQuerySink,
  createSinkLoader,
  Sink,
} from './sinks';
import { removeOldStaged } from './stagedRetention';

const HEARTBEAT_MS = 2_000;
const PRUNE_INTERVAL_MS = 60 * 60_000;
const HELP_INTERVAL_MS = 1_000;
const SINK_INTERVAL_MS = 2_000;
/** Somebody who asks wakes it up; this is for those it did not hear. */
const REVISION_INTERVAL_MS = 2_000;
const AUDIT_INTERVAL_MS = 5_000;
const REFUSED_PRUNE_INTERVAL_MS = 10 * 60_000;
const ID_UPKEEP_INTERVAL_MS = 15_000;
const STAGED_PRUNE_INTERVAL_MS = 60_000;

/** How long event ids and batch numbers are known: the retry horizon. */
const HORIZON_MS = 31 * 24 * 60 * 60_000;

const DEFAULT_REFUSED_RETENTION_MS = 30 * 24 * 60 * 60_000;

const DEFAULT_STAGED_RETENTION_MS = 48 * 60 * 60_000;
const DEFAULT_STAGED_MAX_BYTES = 10 * 1024 ** 3;

/** Far longer than a put takes. */
const ABANDONED_PUT_AGE_MS = 24 * 60 * 60_000;

/** @public */
export interface WorkerOptions {
  /** Of this worker alone: leases and the heartbeat go by it. */
  workerId: string;
  /** Pub/Sub project. */
  projectId: string;
  /** `host:port` of a local broker. Default: `PUBSUB_EMULATOR_HOST`, else Google. */
  emulatorHost?: string;
  /** A migrated ledger; it may be away when the worker starts, and later. */
  ledger: Knex;
  /** Where the lake is: a folder, or `gs://bucket/prefix`. */
  lakeRoot: string;
  /** Folder for staged files, which must survive a restart. */
  stagingDir: string;
  /** Default: the time of day. */
  clock?: Clock;
  /** Pause between two looks for buckets to seal. Default 1 s. */
  pollIntervalMs?: number;
  /** How long after its end a bucket is looked at. Default 500 ms. */
  graceMs?: number;
  /**
   * How long a refused event is kept after it was refused last. Default 30
   * days. Shorter means less personal data in the ledger, and less time to mend
   * and replay.
   */
  refusedRetentionMs?: number;
  /**
   * Loads sealed partitions into BigQuery too. Needs a lake in Cloud Storage.
   * Default: off.
   */
  bigQuery?: BigQuerySettings;
  /**
   * Writes sealed partitions as Avro too: `root`, a folder or `gs://bucket/prefix`
   * that is not the lake; `eventTypes`, by default all. Default: off.
   */
  avro?: { root: string; eventTypes?: string[] };
  /** How the auditor goes round; see `docs/operations.md`. */
  audit?: {
    /** Within which every live partition is audited again. Default 7 days. */
    cycleMs?: number;
    /** What the auditor may read, in bytes a second. Default 32 MiB. */
    readBytesPerSecond?: number;
  };
  /**
   * The lateness each tier promises: what is later goes before more critical
   * work now and then. Default: by the length of the buckets.
   */
  latenessObjectivesMs?: LatenessObjectivesMs;
  /**
   * How long event types stay with a worker that has died. Shorter means less
   * waiting after a death, and more of it when the ledger is slow. Default 15 s.
   */
  consumptionLeaseMs?: number;
  /**
   * How long after every gateway runs a config without an event type the broker
   * has to say that nothing is left of it, before nobody listens any more.
   * Longer than a gateway takes to publish what it has in hand. Default 60 s.
   */
  drainMarginMs?: number;
  /**
   * How long staged files stay after they were sealed, so that a partition can
   * be made again from them. Default 48 hours; at most 30 days.
   */
  stagedRetentionMs?: number;
  /**
   * How many bytes of staged files stay after they were sealed, of all event
   * types together; beyond it the oldest go first. Default 10 GiB.
   */
  stagedMaxBytes?: number;
  logger: Logger;
}

/** @public */
export interface Worker {
  /**
   * Stops taking work, finishes what is in hand, and lets go of everything.
   * Whatever it leaves undone the next worker finds.
   */
  stop(): Promise<void>;
}

/**
 * Starts a worker: a consumer, which stages batches, a sealer, which turns
 * staged batches into partitions, a reviser, which makes partitions again that
 * somebody asks for, and an auditor, which compares all these with what was
 * sealed. All run until `stop`, whatever goes away in between. Any
 * number of workers may run; they share the event types by leases.
 *
 * @public
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    workerId,
    projectId,
    emulatorHost = process.env.PUBSUB_EMULATOR_HOST,
    ledger,
    lakeRoot,
    clock = () => new Date(),
    pollIntervalMs = 1_000,
    graceMs = 500,
    refusedRetentionMs = DEFAULT_REFUSED_RETENTION_MS,
    latenessObjectivesMs,
    consumptionLeaseMs,
    drainMarginMs,
    stagedRetentionMs = DEFAULT_STAGED_RETENTION_MS,
    stagedMaxBytes = DEFAULT_STAGED_MAX_BYTES,
    logger,
  } = options;
  const stagingDir = resolve(options.stagingDir);
  const store = await openLakeStore(lakeRoot);
  const pubsub = new PubSub({
    projectId,
    ...(emulatorHost && { apiEndpoint: emulatorHost, emulatorMode: true }),
  });

  const backlog = createBacklogProbe({
    projectId,
    emulatorHost,
    clock,
    onError: (eventType, error) =>
      logger.warn('Cannot read the backlog of a subscription', {
        eventType,
        error: describe(error),
      }),
  });
  const consumer = startConsumer({
    pubsub,
    ledger,
    workerId,
    stagingDir,
    clock,
    logger,
    backlog: backlog.read,
    leaseMs: consumptionLeaseMs,
    drainMarginMs,
  });
  // Beside the staged files, whose folders never begin with a dot.
  const ownFolder = (name: string) =>
    resolve(stagingDir, `.${name}`, encodeURIComponent(workerId));
  const sealer = createSealer({
    ledger,
    store,
    workerId,
    tempDirectory: ownFolder('sealer'),
    sharedFolder: shardsFolder(stagingDir),
    backlog: backlog.read,
    clock,
    graceMs,
    objectivesMs: latenessObjectivesMs,
    logger,
  });

  const reviser = createReviser({
    ledger,
    store,
    workerId,
    tempDirectory: ownFolder('revisions'),
    clock,
    logger,
  });
  const auditor = createAuditor({
    ledger,
    lake: store,
    workerId,
    tempDirectory: resolve(
      stagingDir,
      '.auditor',
      encodeURIComponent(workerId),
    ),
    clock,
    logger,
    ...options.audit,
  });

  const startedAt = clock();
  const backoff: Backoff = { baseMs: 500, maxMs: 30_000 };
  const revisions = repeat({
    intervalMs: REVISION_INTERVAL_MS,
    backoff,
    run: async () => {
      await reviser.runOnce();
    },
    onError: warn('Cannot look for partitions to make again'),
  });
  const revisionRequests = listenForRevisions(ledger, {
    onChange: revisions.wake,
  });
  const loops = [
    revisions,
    repeat({
      intervalMs: pollIntervalMs,
      backoff,
      run: async () => {
        await sealer.runOnce();
      },
      onError: warn('Cannot look for buckets to seal'),
    }),
    repeat({
      intervalMs: AUDIT_INTERVAL_MS,
      backoff,
      run: async () => {
        await auditor.runOnce();
      },
      onError: warn('Cannot look for partitions to audit'),
    }),
    repeat({
      intervalMs: HEARTBEAT_MS,
      backoff: { ...backoff, maxMs: HEARTBEAT_MS },
      run: () =>
        heartbeatWorker(ledger, {
          worker: workerId,
          startedAt,
          pid: process.pid,
          generation: consumer.generation(),
        }),
      onError: warn('Cannot report to the ledger'),
    }),
    repeat({
      intervalMs: HELP_INTERVAL_MS,
      backoff,
      run: asVoid(sealer.helpOnce),
      onError: warn('Cannot help to seal large buckets'),
    }),
    repeat({
      intervalMs: PRUNE_INTERVAL_MS,
      backoff: { baseMs: 60_000, maxMs: PRUNE_INTERVAL_MS },
      run: asVoid(
        createShardSweep({ ledger, folder: shardsFolder(stagingDir) }),
      ),
      onError: warn('Cannot remove shards that were given up'),
    }),
    repeat({
      intervalMs: PRUNE_INTERVAL_MS,
      backoff: { baseMs: 60_000, maxMs: PRUNE_INTERVAL_MS },
      run: async () => {
        const before = new Date(clock().getTime() - HORIZON_MS);
        await pruneEventIds(ledger, { before });
        await retireIdFiles(ledger, { before });
        await pruneReplayLandings(ledger, { before });
        await pruneStagedBatches(ledger, { before });
        await pruneAttempts(ledger, { before });
        await pruneWriteKeyUses(ledger, { before });
        const olderThan = new Date(clock().getTime() - ABANDONED_PUT_AGE_MS);
        await store.removeAbandonedPuts?.({ olderThan });
      },
      onError: warn('Cannot forget what is beyond the horizon'),
    }),
    repeat({
      intervalMs: ID_UPKEEP_INTERVAL_MS,
      backoff,
      run: createIdUpkeep({
        ledger,
        store,
        workerId,
        tempDirectory: ownFolder('ids'),
        logger,
      }),
      onError: warn('Cannot look after the id files'),
    }),
    repeat({
      intervalMs: STAGED_PRUNE_INTERVAL_MS,
      backoff: { ...backoff, maxMs: STAGED_PRUNE_INTERVAL_MS },
      run: async () => {
        await removeOldStaged({
          ledger,
          clock,
          retentionMs: stagedRetentionMs,
          maxBytes: stagedMaxBytes,
        });
      },
      onError: warn('Cannot remove staged files that were sealed long ago'),
    }),
    repeat({
      intervalMs: REFUSED_PRUNE_INTERVAL_MS,
      backoff: { baseMs: 60_000, maxMs: PRUNE_INTERVAL_MS },
      run: createRefusedRetention({
        ledger,
        workerId,
        retentionMs: refusedRetentionMs,
        clock,
        monotonicMs: () => performance.now(),
        logger,
      }),
      onError: warn('Cannot forget old refused events'),
    }),
  ];

  const runSink = (sink: Sink) =>
    repeat({
      intervalMs: SINK_INTERVAL_MS,
      backoff,
      run: asVoid(createSinkLoader({ ledger, sink, workerId, logger })),
      onError: warn(`Cannot look for partitions to load into ${sink.name}`),
    });
  if (options.bigQuery) {
    const bigQuery = { projectId, ...options.bigQuery };
    loops.push(
      runSink(
        createBigQuerySink({
          ...bigQuery,
          client: createBigQuery(bigQuery),
          lake: parseLakeLocation(lakeRoot),
          ledger,
        }),
      ),
    );
  }
  if (options.avro) {
    const { root, eventTypes } = options.avro;
    loops.push(
      runSink(
        createAvroSink({
          lake: store,
          store: await openLakeStore(root),
          ledger,
          eventTypes,
          tempDirectory: ownFolder('avro'),
        }),
      ),
    );
  }

  function warn(message: string) {
    return (error: unknown, retryMs: number) =>
      logger.warn(message, {
        error: describe(error),
        retryMs: Math.round(retryMs),
      });
  }

  return {
    async stop() {
      // The sealer at once: a run may have thousands of buckets to go.
      await Promise.all([
        consumer.stop(),
        ...loops.map(loop => loop.stop()),
        sealer.close(),
        reviser.close(),
        revisionRequests.stop(),
        auditor.close(),
      ]);
      await Promise.all([backlog.close(), pubsub.close()]);
    },
  };
}

function asVoid(run: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    await run();
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
