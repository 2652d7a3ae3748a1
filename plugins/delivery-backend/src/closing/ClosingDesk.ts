import { ConflictError } from '@backstage/errors';
import {
  type Bucket,
  type ClosingInputs,
  forceClosing,
  type ForcedClosing as ForcedClosingRecord,
  getPartition,
  LedgerError,
  listWaitingBuckets,
  missingFrom,
  readClosingInputs,
  readForcedClosing,
  readMilestones,
  readWaitingBucket,
  type WaitingBucket,
} from '@millrace/ledger';
import type {
  BucketClosing,
  ClosingDecision,
  ForcedClosing,
  WaitingBuckets,
} from '@millrace/plugin-delivery-common';
import { bucketEnd, bucketOf } from '@millrace/schema';
import type { Knex } from 'knex';

const MAX_LISTED = 500;

/** Workers repeat their decision every quarter of a minute. */
const STALE_MS = 60_000;

/**
 * Tells why a bucket is closed or not, and takes orders to close one although
 * something is missing. The decisions are the workers'; what is missing is
 * counted at the moment of asking. It checks no permissions.
 */
export class ClosingDesk {
  readonly #ledger: Knex;
  readonly #bucketSeconds: number;
  readonly #now: () => Date;

  constructor(options: {
    ledger: Knex;
    bucketSeconds: number;
    now: () => Date;
  }) {
    this.#ledger = options.ledger;
    this.#bucketSeconds = options.bucketSeconds;
    this.#now = options.now;
  }

  /** Buckets that are over and wait, oldest first. */
  async listWaiting(eventType: string): Promise<WaitingBuckets> {
    const waiting = await listWaitingBuckets(this.#ledger, {
      eventType,
      limit: MAX_LISTED,
    });
    return {
      items: waiting.map(({ bucket, waitingSince, decidedAt, ...rest }) => ({
        ...rest,
        bucketStart: bucket.start.toISOString(),
        bucketEnd: bucketEnd(bucket).toISOString(),
        waitingSince: waitingSince.toISOString(),
        decidedAt: decidedAt.toISOString(),
      })),
    };
  }

  /** Why a bucket, any bucket, is closed or not. */
  async read(request: {
    eventType: string;
    bucketStart: Date;
  }): Promise<BucketClosing> {
    const [partition, waiting, forced] = await Promise.all([
      getPartition(this.#ledger, { ...request, revision: 1 }),
      readWaitingBucket(this.#ledger, request),
      readForcedClosing(this.#ledger, request),
    ]);
    if (partition) {
      const decision = toDecision(partition.decision);
      const bucket = {
        start: partition.bucketStart,
        seconds: partition.bucketSeconds,
      };
      const how = `by the rule '${decision.rule ?? 'unknown'}'`;
      return {
        ...nameOf(request.eventType, bucket),
        state: partition.state,
        message:
          partition.state === 'sealed'
            ? `It is sealed; it was closed ${how}`
            : `It is closed ${how} and is being sealed`,
        decision,
        forced: forced && toForced(forced),
      };
    }
    if (waiting) {
      return await this.#describeWaiting(request.eventType, waiting, forced);
    }
    return await this.#describeUndecided(request);
  }

  /**
   * Orders a bucket that waits to be closed with what it has.
   *
   * @throws ConflictError when it does not wait
   */
  async force(request: {
    eventType: string;
    bucketStart: Date;
    reason: string;
    requestedBy: string;
  }): Promise<BucketClosing> {
    try {
      await forceClosing(this.#ledger, request);
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'bucket_not_waiting') {
        throw new ConflictError(error.message);
      }
      throw error;
    }
    return await this.read(request);
  }

  async #describeWaiting(
    eventType: string,
    waiting: WaitingBucket,
    forced: ForcedClosingRecord | undefined,
  ): Promise<BucketClosing> {
    const { bucket, worker, waitingSince, decidedAt } = waiting;
    const decision = toDecision(waiting.decision);
    const { gateways } = await this.#readInputs(eventType, bucket);
    const isStale = this.#now().getTime() - decidedAt.getTime() > STALE_MS;
    const reasons = decision.reasons ?? [];
    const why = reasons.map(({ message }) => message).join('; ');
    return {
      ...nameOf(eventType, bucket),
      state: 'waiting',
      message: isStale
        ? `No worker has decided about it since ${decidedAt.toISOString()}; then it waited: ${why}`
        : `It waits: ${why}`,
      decision,
      waiting: {
        since: waitingSince.toISOString(),
        worker,
        decidedAt: decidedAt.toISOString(),
        isStale,
      },
      missing: missingFrom(gateways),
      forced: forced && toForced(forced),
    };
  }

  async #describeUndecided(request: {
    eventType: string;
    bucketStart: Date;
  }): Promise<BucketClosing> {
    const { eventType } = request;
    const bucket = bucketOf(request.bucketStart, this.#bucketSeconds);
    const end = bucketEnd(bucket);
    const name = nameOf(eventType, bucket);
    if (end > this.#now()) {
      return { ...name, state: 'open', message: 'It is not over yet' };
    }
    const [{ gateways }, [milestones]] = await Promise.all([
      this.#readInputs(eventType, bucket),
      readMilestones(this.#ledger, { eventTypes: [eventType] }),
    ]);
    const hasArrived = gateways.some(({ stagedBatches }) => stagedBatches > 0);
    const existed =
      milestones?.provisionedAt !== undefined && milestones.provisionedAt < end;
    return hasArrived || (existed && gateways.length > 0)
      ? {
          ...name,
          state: 'unseen',
          message:
            'It is over, and no worker has decided about it yet; workers look every second',
          missing: missingFrom(gateways),
        }
      : {
          ...name,
          state: 'nothing-owed',
          message: existed
            ? 'No gateway ran in it and nothing arrived for it, so it gets no partition'
            : 'The event type was not provisioned in it, so it gets no partition',
        };
  }

  #readInputs(eventType: string, bucket: Bucket): Promise<ClosingInputs> {
    return readClosingInputs(this.#ledger, { eventType, bucket });
  }
}

function nameOf(eventType: string, bucket: Bucket) {
  return {
    eventType,
    bucketStart: bucket.start.toISOString(),
    bucketEnd: bucketEnd(bucket).toISOString(),
  };
}

/** Stored as JSON by the worker. */
function toDecision(decision: unknown): ClosingDecision {
  return (decision ?? {}) as ClosingDecision;
}

function toForced(forced: ForcedClosingRecord): ForcedClosing {
  return { ...forced, requestedAt: forced.requestedAt.toISOString() };
}
