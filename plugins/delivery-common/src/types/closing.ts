/**
 * Where a bucket is on its way to a partition.
 *
 * - `open`: it is not over.
 * - `unseen`: it is over, and no worker has decided about it yet.
 * - `waiting`: it is over and may not be closed; `decision` says why.
 * - `sealing`: it is closed and being sealed.
 * - `sealed`: it has its partition; `decision` says why it was closed.
 * - `nothing-owed`: no gateway was alive in it and nothing arrived for it, or
 *   the event type did not exist.
 *
 * @public
 */
export type BucketState =
  | 'open'
  | 'unseen'
  | 'waiting'
  | 'sealing'
  | 'sealed'
  | 'nothing-owed';

/**
 * Why a bucket waits.
 *
 * @public
 */
export interface ClosingReason {
  /**
   * `batches_missing`, `gateway_not_declared`, `backlog_unknown`,
   * `backlog_stale` or `backlog_not_passed`.
   */
  code: string;
  gateway?: string;
  epoch?: string;
  message: string;
}

/**
 * A decision to close a bucket or to wait, with everything it was made from.
 *
 * @public
 */
export interface ClosingDecision {
  /** `every-gateway-declared`, `backlog-passed` or `forced`. */
  rule?: string;
  verdict?: 'closed' | 'blocked';
  reasons?: ClosingReason[];
  inputs?: unknown;
}

/**
 * What one life of a gateway still owes a bucket.
 *
 * @public
 */
export interface MissingOfGateway {
  gateway: string;
  epoch: string;
  /** It has said how many batches it published. */
  declared: boolean;
  /** Numbers of declared batches that have not arrived; at most 1,000. */
  batches: number[];
  /** Published without the broker's confirmation: they may not exist. */
  abandonedBatches: number[];
  /** Missing when nobody can say, because it has not declared. */
  eventsAtMost?: number;
}

/**
 * What a bucket would lack if it were closed now.
 *
 * @public
 */
export interface MissingEvents {
  gateways: MissingOfGateway[];
  /** Missing when one of the gateways cannot be counted. */
  eventsAtMost?: number;
}

/**
 * An order to close a bucket although something is missing.
 *
 * @public
 */
export interface ForcedClosing {
  reason: string;
  /** Entity reference of the person. */
  requestedBy: string;
  requestedAt: string;
  /** What was missing when it was ordered. */
  missing: MissingEvents;
}

/**
 * Why a bucket is closed, or is not.
 *
 * @public
 */
export interface BucketClosing {
  eventType: string;
  /** RFC 3339, UTC. */
  bucketStart: string;
  bucketEnd: string;
  state: BucketState;
  /** The answer in words. */
  message: string;
  /** A worker's last decision, or the one that closed the bucket. */
  decision?: ClosingDecision;
  /** While it waits: since when, who decided last, and when. */
  waiting?: {
    since: string;
    worker: string;
    decidedAt: string;
    /** Workers decide every few seconds; this one has not for a minute. */
    isStale: boolean;
  };
  /** While it waits: what it lacks at this moment. */
  missing?: MissingEvents;
  /** Somebody has ordered that it be closed all the same. */
  forced?: ForcedClosing;
}

/**
 * The answer of `GET /event-types/:name/closing`: buckets that are over and wait,
 * oldest first, at most 500.
 *
 * @public
 */
export interface WaitingBuckets {
  items: {
    bucketStart: string;
    bucketEnd: string;
    waitingSince: string;
    decidedAt: string;
    isForced: boolean;
    reasons: ClosingReason[];
  }[];
}

/**
 * The body of `POST /event-types/:name/closing/:bucketStart/force`.
 *
 * @public
 */
export interface ForceCloseRequest {
  /** Why; 10 to 1,000 characters. It is kept in the manifest. */
  reason: string;
}
