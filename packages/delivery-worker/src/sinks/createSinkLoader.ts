import {
  beginSinkLoad,
  claimLease,
  DueSinkLoad,
  listSinkWork,
  readDueSinkLoads,
  recordSinkLoad,
  registerSink,
  releaseLease,
  SinkLoadOutcome,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { backoffMs } from '../backoff';
import { createFairLimit } from '../fairLimit';
import { Logger } from '../logger';
import { SinkError } from './errors';
import { Sink } from './types';

/*
 * Loading sealed revisions into a sink.
 *
 * Sealing knows nothing of it: the ledger makes a row for each sealed revision
 * (`sink_loads`), and this loop takes each row one step further at a time,
 * never waiting for a job. A sink that is away leaves rows that wait.
 *
 * Exactly once, and the newest revision last:
 * 1. `prepare` finds what would make the job fail, before there is one.
 * 2. The ledger counts the attempt: the revision is `loading`. While it is, no
 *    other revision of the bucket is begun.
 * 3. The job is made, under a name that follows from revision and attempt.
 * 4. Later looks ask for the job. If it is not there (whoever began it stopped
 *    between 2 and 3) it is made now, under the same name. Then the one that
 *    stopped, should it wake up, finds its name taken: it can load nothing any
 *    more, however late. Only so may a later revision be begun.
 * 5. When the job has ended well and the rows are counted, the revision is
 *    `loaded`; when it has failed, the next attempt has another name.
 *
 * Types do not hold each other up: each is worked on by itself under a lease,
 * and what fails waits on its own.
 */

const LOADS_PER_RUN = 50;
const TYPES_AT_ONCE = 4;
const LEASE_MS = 60_000;
const REGISTER_INTERVAL_MS = 60 * 60_000;
const RETRY = { baseMs: 30_000, maxMs: 60 * 60_000 };
/** What needs a person is tried again when they may have acted. */
const LASTING_RETRY_MS = 6 * 60 * 60_000;

/** @internal */
export interface SinkLoaderOptions {
  ledger: Knex;
  sink: Sink;
  workerId: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Pause between two looks at a job. Default 5 s. */
  pollMs?: number;
  /** Default: half a minute, doubling up to an hour. */
  retry?: { baseMs: number; maxMs: number };
  /** Monotonic, in ms. */
  monotonicMs?: () => number;
}

/** What a run has done, in revisions. @internal */
export interface SinkRun {
  begun: number;
  loaded: number;
  failed: number;
}

/** Gives the function to be run again and again. @internal */
export function createSinkLoader(
  options: SinkLoaderOptions,
): () => Promise<SinkRun> {
  const { ledger, sink, logger, pollMs = 5_000, retry = RETRY } = options;
  const { monotonicMs = () => performance.now() } = options;
  const limit = createFairLimit(TYPES_AT_ONCE);
  let registeredAt: number | undefined;

  async function register(): Promise<void> {
    if (
      registeredAt !== undefined &&
      monotonicMs() - registeredAt < REGISTER_INTERVAL_MS
    ) {
      return;
    }
    const { caughtUp } = await registerSink(ledger, {
      sink: sink.name,
      eventTypes: sink.eventTypes,
    });
    registeredAt = monotonicMs();
    if (caughtUp > 0) {
      logger.info(`Partitions sealed before are to be loaded`, {
        sink: sink.name,
        partitions: caughtUp,
      });
    }
  }

  async function loadType(eventType: string, run: SinkRun): Promise<void> {
    const resource = `sink:${sink.name}:${eventType}`;
    // Saves calls; what keeps two workers apart is the count of attempts.
    const lease = await claimLease(ledger, {
      resource,
      holder: options.workerId,
      leaseMs: LEASE_MS,
    });
    if (!lease) {
      return;
    }
    try {
      const due = await readDueSinkLoads(ledger, {
        sink: sink.name,
        eventType,
        limit: LOADS_PER_RUN,
      });
      for (const load of due) {
        await step(load, run);
      }
    } finally {
      await releaseLease(ledger, { resource, ...lease });
    }
  }

  async function step(load: DueSinkLoad, run: SinkRun): Promise<void> {
    if (load.state === 'loading') {
      await look(load, run);
      return;
    }
    if (load.revision === 1 && load.files.length === 0) {
      // Nothing was delivered, and nothing of the bucket was ever loaded.
      await record(load, load.attempt, { state: 'loaded', rows: 0 });
      run.loaded += 1;
      return;
    }
    const begun = await begin(load, run);
    if (begun) {
      run.begun += 1;
      await start(load, begun.attempt, run);
    }
  }

  async function begin(load: DueSinkLoad, run: SinkRun) {
    try {
      await sink.prepare(load);
    } catch (error) {
      await fail(load, load.attempt, error, run);
      return undefined;
    }
    return beginSinkLoad(ledger, {
      sink: sink.name,
      partitionId: load.partitionId,
      lookAgainMs: pollMs,
    });
  }

  async function start(
    load: DueSinkLoad,
    attempt: number,
    run: SinkRun,
  ): Promise<void> {
    try {
      await sink.startJob(load, attempt);
    } catch (error) {
      if (isUnknown(error)) {
        // It may have been made: the next look finds out.
        return;
      }
      await fail(load, attempt, error, run);
    }
  }

  /** At a revision that somebody, this worker or another, has begun. */
  async function look(load: DueSinkLoad, run: SinkRun): Promise<void> {
    const { attempt } = load;
    let job;
    try {
      job = await sink.findJob(load, attempt);
    } catch (error) {
      if (isUnknown(error) || isRefused(error)) {
        await later(load, error);
      } else {
        await fail(load, attempt, error, run);
      }
      return;
    }
    if (!job) {
      try {
        await sink.startJob(load, attempt);
        await record(load, attempt, { state: 'loading', lookAgainMs: pollMs });
      } catch (error) {
        // Not failed, whatever the reason: whoever began it may still make it.
        await later(load, error);
      }
      return;
    }
    if (job.state === 'running') {
      await record(load, attempt, { state: 'loading', lookAgainMs: pollMs });
      return;
    }
    const { rows } = job;
    if (await record(load, attempt, { state: 'loaded', rows })) {
      run.loaded += 1;
      logger.info(`Loaded ${describe(load)}: ${rows} rows`, {
        sink: sink.name,
        eventType: load.eventType,
        rows,
      });
    }
  }

  async function later(load: DueSinkLoad, error: unknown): Promise<void> {
    const sinkError = asSinkError(error);
    const lookAgainMs = Math.min(retry.baseMs, 10 * pollMs);
    await record(load, load.attempt, { state: 'loading', lookAgainMs });
    logger.warn(`Cannot look after ${describe(load)}: ${sinkError.message}`, {
      sink: sink.name,
      eventType: load.eventType,
      reason: sinkError.code,
    });
  }

  async function fail(
    load: DueSinkLoad,
    attempt: number,
    error: unknown,
    run: SinkRun,
  ): Promise<void> {
    const { code, message, isLasting } = asSinkError(error);
    const retryMs = isLasting
      ? LASTING_RETRY_MS
      : Math.round(backoffMs(load.failures + 1, retry));
    await record(load, attempt, {
      state: 'failed',
      reason: code,
      message,
      retryMs,
    });
    run.failed += 1;
    logger.warn(`Cannot load ${describe(load)}: ${message}`, {
      sink: sink.name,
      eventType: load.eventType,
      reason: code,
      retryMs,
    });
  }

  function record(
    load: DueSinkLoad,
    attempt: number,
    outcome: SinkLoadOutcome,
  ): Promise<boolean> {
    return recordSinkLoad(ledger, {
      sink: sink.name,
      partitionId: load.partitionId,
      attempt,
      outcome,
    });
  }

  return async () => {
    await register();
    const run: SinkRun = { begun: 0, loaded: 0, failed: 0 };
    const eventTypes = await listSinkWork(ledger, { sink: sink.name });
    const ended = await Promise.allSettled(
      eventTypes.map(eventType => limit(() => loadType(eventType, run))),
    );
    const broken = ended.find(({ status }) => status === 'rejected');
    if (broken?.status === 'rejected') {
      // Of the ledger: what concerns one revision was recorded with it.
      throw broken.reason;
    }
    return run;
  };
}

function describe(load: DueSinkLoad): string {
  return `revision ${load.revision} of ${load.bucketStart.toISOString()} of ${
    load.eventType
  }`;
}

function isUnknown(error: unknown): boolean {
  return asSinkError(error).code === 'sink_unavailable';
}

function isRefused(error: unknown): boolean {
  return asSinkError(error).code === 'sink_refused';
}

/** A sink throws nothing else; what it does is a fault of ours, and passes on. */
function asSinkError(error: unknown): SinkError {
  if (error instanceof SinkError) {
    return error;
  }
  throw error;
}
