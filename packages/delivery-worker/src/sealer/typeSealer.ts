import path from 'node:path';
import { DuckdbSession } from '@millrace/lake';
import {
  BucketToClose,
  claimLease,
  getPartition,
  LedgerError,
  readClosingInputs,
  releaseLease,
  renewLease,
  sealResource,
} from '@millrace/ledger';
import { Bucket } from '@millrace/schema';
import { finishRevision } from '../revisions/finishRevision';
import { BackOff } from './backOff';
import { ClosingDecision, decideClosing, dependsOnBacklog } from './closing';
import { messageOf, SealerError } from './errors';
import { sealBucket, TypeSchema } from './sealing';
import { BlockedBucket, SealerOptions } from './types';

const DEFAULT_LEASE_MS = 60_000;
const DEFAULT_SHARD_BYTES = 512 * 1024 * 1024;

export interface TypeSealerOptions extends SealerOptions {
  clock: () => Date;
  threads: number;
  schemaOf(eventType: string): Promise<TypeSchema>;
  openDuckdb(): Promise<DuckdbSession>;
  /** Asked before each bucket. */
  isClosing(): boolean;
}

export interface TypeRun {
  sealed: number;
  failed: number;
  blockedBuckets: BlockedBucket[];
}

/** The lease on one event type while its buckets are worked on. */
interface HeldLease {
  fencingToken: bigint;
  /** @throws SealerError with code `lease_lost` */
  assert(): Promise<void>;
  /** Gives it back, unless something failed under it; see `claim`. */
  end(options: { release: boolean }): Promise<void>;
}

/**
 * Gives the function that seals the due buckets of one event type, in their
 * order, under one lease. It never throws: what goes wrong with one type is
 * logged and tried again later.
 */
export function createTypeSealer(options: TypeSealerOptions) {
  const { ledger, store, clock, logger } = options;
  const leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
  const backOff = new BackOff();
  /** Perhaps published, but the commit failed: must be first of its type. */
  const unfinished = new Set<string>();

  return async function sealType(
    eventType: string,
    buckets: BucketToClose[],
    listedAt: number,
  ): Promise<TypeRun> {
    const run: TypeRun = { sealed: 0, failed: 0, blockedBuckets: [] };
    let lease: HeldLease | undefined;
    let isClean = true;
    for (const { bucket } of buckets) {
      if (options.isClosing()) {
        break;
      }
      const key = `${eventType} ${bucket.start.toISOString()}`;
      if (backOff.isWaiting(key, clock())) {
        run.failed += 1;
        if (unfinished.has(key)) {
          break;
        }
        continue;
      }
      try {
        const decision = await decide(eventType, bucket);
        if (isBlocked(decision)) {
          run.blockedBuckets.push({
            eventType,
            bucket,
            reasons: decision.reasons,
            decision,
          });
          continue;
        }
        if (!lease) {
          lease = await claim(eventType, listedAt);
          if (!lease) {
            break;
          }
          await finishRevisions(eventType, lease);
        }
        await seal(eventType, bucket, decision, lease);
        run.sealed += 1;
        backOff.succeeded(key);
        unfinished.delete(key);
      } catch (error) {
        if (isSealedByAnother(error)) {
          continue;
        }
        isClean = false;
        run.failed += 1;
        const delayMs = backOff.failed(key, clock());
        logger.error(
          `Sealing bucket ${bucket.start.toISOString()} of ${eventType} failed, next try in ${delayMs} ms: ${messageOf(
            error,
          )}`,
          { eventType, bucketStart: bucket.start.toISOString() },
        );
        if (await mayBePublished(eventType, bucket)) {
          unfinished.add(key);
          break;
        }
        unfinished.delete(key);
        if (isLeaseLost(error) || mustWaitForAnother(error)) {
          break;
        }
      }
    }
    await lease?.end({ release: isClean });
    return run;
  };

  /** The decision to close, or, for a sealing that was begun, the first one. */
  async function decide(
    eventType: string,
    bucket: Bucket,
  ): Promise<ClosingDecision> {
    const begun = await getPartition(ledger, {
      eventType,
      bucketStart: bucket.start,
    });
    if (begun?.state === 'sealing') {
      return begun.decision as ClosingDecision;
    }
    const question = {
      ...(await readClosingInputs(ledger, { eventType, bucket })),
      bucket,
      now: clock(),
    };
    return decideClosing(
      question,
      dependsOnBacklog(question) ? await options.backlog(eventType) : undefined,
    );
  }

  /**
   * Takes the type's lease, or gives `undefined` when another sealer has it.
   *
   * What was listed may be old by now. If another sealer has meanwhile begun a
   * bucket and failed, that bucket must come first, and the list does not say
   * so. A sealer that fails keeps its lease until it expires; so whoever gets
   * the lease within its length after listing has a list that is good.
   */
  async function claim(
    eventType: string,
    listedAt: number,
  ): Promise<HeldLease | undefined> {
    if (performance.now() - listedAt > leaseMs) {
      return undefined;
    }
    const resource = sealResource(eventType);
    const claimed = await claimLease(ledger, {
      resource,
      holder: options.workerId,
      leaseMs,
    });
    if (!claimed) {
      return undefined;
    }
    const { fencingToken } = claimed;
    const renew = () => renewLease(ledger, { resource, fencingToken, leaseMs });
    const timer = setInterval(() => {
      // A failed renewal shows at the next assert, or at the fenced commit.
      renew().catch(() => {});
    }, leaseMs / 3);
    timer.unref();
    return {
      fencingToken,
      async assert() {
        if (!(await renew())) {
          throw new SealerError(
            'lease_lost',
            `Another sealer has taken over ${eventType}`,
          );
        }
      },
      async end({ release }) {
        clearInterval(timer);
        if (release) {
          await releaseLease(ledger, { resource, fencingToken }).catch(
            () => {},
          );
        }
      },
    };
  }

  /**
   * Revisions that may be in the lake already come before everything else of
   * their type: nothing else can be published until they are sealed.
   */
  async function finishRevisions(
    eventType: string,
    { fencingToken }: HeldLease,
  ): Promise<void> {
    const finished = await finishRevision({
      ledger,
      store,
      eventType,
      fencingToken,
      openDuckdb: options.openDuckdb,
      idFolder: path.join(options.tempDirectory, 'ids'),
    });
    if (finished) {
      logger.info(`Finished revisions of ${eventType}`, { eventType });
    }
  }

  async function seal(
    eventType: string,
    bucket: Bucket,
    decision: ClosingDecision,
    lease: HeldLease,
  ): Promise<void> {
    const sealed = await sealBucket({
      ledger,
      store,
      eventType,
      bucket,
      decision,
      fencingToken: lease.fencingToken,
      assertLease: lease.assert,
      schemaOf: options.schemaOf,
      openDuckdb: options.openDuckdb,
      tempDirectory: options.tempDirectory,
      threads: options.threads,
      shardBytes: options.shardBytes ?? DEFAULT_SHARD_BYTES,
      clock,
      onStep: step => options.onStep?.(step, eventType, bucket),
    });
    const { counts, adopted } = sealed;
    logger.info(
      `Sealed ${sealed.path}: ${counts.delivered} delivered, ${
        counts.duplicates
      } duplicates removed, ${counts.refused} refused${
        adopted ? ' (published by an earlier attempt)' : ''
      }`,
      { eventType, bucketStart: bucket.start.toISOString(), ...counts },
    );
  }

  /**
   * Whether the lake may hold the bucket's partition; `true` when in doubt. Only
   * to save work: the ledger lets no other one of the type be published.
   */
  async function mayBePublished(
    eventType: string,
    bucket: Bucket,
  ): Promise<boolean> {
    try {
      const bucketStart = bucket.start;
      const begun = await getPartition(ledger, { eventType, bucketStart });
      return begun?.state === 'sealing' && begun.publishingSince !== undefined;
    } catch {
      return true;
    }
  }
}

function isBlocked(decision: ClosingDecision): boolean {
  return decision.verdict === 'blocked';
}

function isSealedByAnother(error: unknown): boolean {
  return (
    error instanceof LedgerError && error.code === 'partition_already_sealed'
  );
}

/** The next list has the one that must be first at its head. */
function mustWaitForAnother(error: unknown): boolean {
  return (
    error instanceof LedgerError &&
    error.code === 'another_partition_is_publishing'
  );
}

function isLeaseLost(error: unknown): boolean {
  return (
    (error instanceof LedgerError && error.code === 'fencing_token_stale') ||
    (error instanceof SealerError && error.code === 'lease_lost')
  );
}
