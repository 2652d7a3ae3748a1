import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, Duckdb, DuckdbSession } from '@millrace/lake';
import {
  expireRevisions,
  failRevision,
  listRevisionWork,
  noteRevisionProgress,
  postponeRevision,
  previewResource,
  RevisionWork,
  sealResource,
} from '@millrace/ledger';
import { BackOff } from '../sealer/backOff';
import { messageOf } from '../sealer/errors';
import { isOver, isWaiting, problemOf, StoppedError } from './errors';
import { finishRevision } from './finishRevision';
import { HeldLease, holdLease } from './holdLease';
import { previewRevision } from './previewRevision';
import { runRevision } from './runRevision';
import { sweepRevision } from './sweepRevision';
import { OperationOptions, Reviser, ReviserOptions, ReviserRun } from './types';

const DEFAULT_MEMORY_LIMIT = '512MB';
const DEFAULT_SHARD_BYTES = 256 * 1024 * 1024;
const DEFAULT_LEASE_MS = 60_000;
const DEFAULT_MAX_ATTEMPTS = 5;
/** What has to wait for the sealing of its type is looked at again so soon. */
const WAIT_MS = 1_000;
const OPERATIONS_PER_RUN = 100;

/**
 * Creates the loop that makes sealed partitions again (ADR 0030).
 *
 * Guarantees:
 * - One operation at a time, with little memory and one thread: repairs take what
 *   delivery leaves. A preview runs beside the sealing of its type. A run holds
 *   the lease of sealing, so it delays the buckets of its own type by as long as
 *   it takes, and those of no other.
 * - Any number of workers may run it; leases say whose turn it is. What one leaves
 *   in the middle another one does anew, or, once it is prepared, finishes.
 * - An operation that cannot succeed fails with a reason; one that ends its worker
 *   again and again fails too. Neither changes what readers see.
 */
export function createReviser(options: ReviserOptions): Reviser {
  const {
    ledger,
    store,
    tempDirectory,
    logger,
    clock = () => new Date(),
    threads = 1,
    shardBytes = DEFAULT_SHARD_BYTES,
    leaseMs = DEFAULT_LEASE_MS,
    maxAttempts = DEFAULT_MAX_ATTEMPTS,
    onStep = () => {},
  } = options;
  const backOff = new BackOff();
  let duckdb: Promise<Duckdb> | undefined;
  let isPrepared = false;
  let isClosing = false;
  let running: Promise<ReviserRun> | undefined;

  /** DuckDB is opened when there is something to do, which is rare. */
  async function openDuckdb(): Promise<DuckdbSession> {
    duckdb ??= createDuckdb({
      memoryLimit: options.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
      threads,
      tempDirectory: path.join(tempDirectory, 'duckdb'),
    });
    return (await duckdb).session();
  }

  async function closeDuckdb(): Promise<void> {
    const open = duckdb;
    duckdb = undefined;
    (await open?.catch(() => undefined))?.close();
  }

  async function run(): Promise<ReviserRun> {
    if (!isPrepared) {
      await rm(tempDirectory, { recursive: true, force: true });
      await mkdir(tempDirectory, { recursive: true });
      isPrepared = true;
    }
    const result: ReviserRun = { done: 0, waiting: 0, failed: 0 };
    await expireRevisions(ledger);
    const all = await listRevisionWork(ledger, { limit: OPERATIONS_PER_RUN });
    try {
      for (const work of all) {
        if (isClosing) {
          break;
        }
        result[await workOn(work)] += 1;
      }
    } finally {
      await closeDuckdb();
    }
    return result;
  }

  async function workOn(work: RevisionWork): Promise<keyof ReviserRun> {
    const { operationId, eventType, task } = work;
    const resource =
      task === 'preview' ? previewResource(eventType) : sealResource(eventType);
    const lease = await holdLease({
      ledger,
      resource,
      // Not that of the sealer beside it, which would take it from us as its own.
      holder: `${options.workerId}/revisions`,
      leaseMs,
    });
    if (!lease) {
      return 'waiting';
    }
    try {
      await perform(task, {
        ledger,
        store,
        operationId,
        eventType,
        lease,
        openDuckdb,
        tempDirectory,
        idFolder: path.join(tempDirectory, 'ids'),
        threads,
        shardBytes,
        maxAttempts,
        clock,
        onStep,
        progress: async (step, done, total) => {
          const isOpen = await noteRevisionProgress(ledger, {
            operationId,
            step,
            done,
            total,
          });
          if (!isOpen || isClosing) {
            throw new StoppedError();
          }
        },
      });
      backOff.succeeded(operationId);
      return 'done';
    } catch (error) {
      return await afterFailure(work, lease, error);
    } finally {
      await lease.end();
    }
  }

  async function perform(
    task: RevisionWork['task'],
    operation: OperationOptions,
  ): Promise<void> {
    const { operationId, eventType } = operation;
    switch (task) {
      case 'preview':
        if (await previewRevision(operation)) {
          logger.info(`Previewed revisions of ${eventType}`, { operationId });
        }
        break;
      case 'sweep':
        await sweepRevision(operation);
        break;
      default: {
        const isDone =
          task === 'run'
            ? await runRevision(operation)
            : await finishRevision({
                ...operation,
                fencingToken: operation.lease.fencingToken,
              });
        if (isDone) {
          logger.info(`Made revisions of ${eventType}`, { operationId });
        }
      }
    }
  }

  async function afterFailure(
    { operationId, eventType, task }: RevisionWork,
    { resource, fencingToken }: HeldLease,
    error: unknown,
  ): Promise<keyof ReviserRun> {
    const { message, code } = problemOf(error) ?? { message: messageOf(error) };
    if (isOver(error)) {
      const isMine = error instanceof StoppedError && isClosing;
      if (isMine) {
        await postpone(operationId, 0, false);
      }
      return 'waiting';
    }
    if (isWaiting(error)) {
      await postpone(operationId, WAIT_MS, false);
      return 'waiting';
    }
    if (code !== undefined && task !== 'finish') {
      logger.warn(`Revisions of ${eventType} cannot be made: ${message}`, {
        operationId,
        code,
      });
      await failRevision(ledger, {
        operationId,
        resource,
        fencingToken,
        code,
        message,
      }).catch(failure => {
        // Cancelled, taken over, or the ledger is away: the next run sees to it.
        logger.warn(
          `Cannot end operation ${operationId}: ${messageOf(failure)}`,
        );
      });
      return 'failed';
    }
    const retryMs = backOff.failed(operationId, clock());
    logger.error(
      `Revisions of ${eventType} failed, next try in ${retryMs} ms: ${message}`,
      { operationId },
    );
    await postpone(operationId, retryMs, true);
    return 'failed';
  }

  async function postpone(
    operationId: string,
    retryMs: number,
    isCounted: boolean,
  ): Promise<void> {
    await postponeRevision(ledger, { operationId, retryMs, isCounted }).catch(
      () => {},
    );
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
      await closeDuckdb();
    },
  };
}
