/**
 * One line of the books:
 * `accepted = delivered + duplicates + refused + inFlight.total`.
 *
 * @public
 */
export interface LedgerLine {
  /** Events the gateways say they published, and what came besides. */
  accepted: number;
  delivered: number;
  /** Copies removed at sealing. */
  duplicates: number;
  /** At sealing, kept with their reason. */
  refused: number;
  /** Accepted, without a sealed fate. */
  inFlight: {
    total: number;
    /** Arrived at a worker, and not sealed yet. */
    staged: number;
    /** In batches that cannot be read and are kept aside. */
    unreadable: number;
    /** In batches that were declared and have not arrived. */
    notArrived: number;
    missingBatches: number;
  };
  /** What nothing accounts for; anything but 0 is an error. */
  difference: number;
  /** Every gateway has declared: accepted is final. */
  isDeclared: boolean;
  /**
   * (delivered + duplicates) / accepted, from 0 to 1, and 1 only when nothing
   * is outstanding. Missing when nothing was accepted.
   */
  completeness?: number;
}

/** The line of one receive bucket. @public */
export interface BucketLine extends LedgerLine {
  bucketStart: string;
}

/**
 * Lines of receive buckets, oldest first. Buckets in which nothing was accepted
 * have none.
 *
 * @public
 */
export interface BucketLineList {
  items: BucketLine[];
  /** The `from` of the next page; missing on the last one. */
  nextFrom?: string;
  /** Nothing is said about buckets before; missing when books always were kept. */
  booksBeganAt?: string;
}

/** The line of one UTC day. @public */
export interface DayLine extends LedgerLine {
  /** Such as `2026-11-21`. */
  day: string;
  /** Receive buckets in which something was accepted. */
  buckets: number;
}

/** Delivery completeness of a range of days, oldest first. @public */
export interface CompletenessList {
  items: DayLine[];
  booksBeganAt?: string;
}

/**
 * What one life of a gateway contributes: `accepted = delivered + duplicates +
 * refused + staged + unreadable + notArrived`.
 *
 * @public
 */
export interface GatewayLine {
  gateway: string;
  epoch: string;
  accepted: number;
  /** `delivered + duplicates + refused`. */
  sealed: number;
  /**
   * Missing, like the two below, when some of it was sealed by a version that
   * did not keep the fates of gateways apart.
   */
  delivered?: number;
  /** Copies that came by this gateway and were removed at sealing. */
  duplicates?: number;
  /** At sealing, kept with their reason. */
  refused?: number;
  staged: number;
  unreadable: number;
  notArrived: number;
  missingBatches: number;
  /** Of accepted, in batches that the gateway gave up on and that came. */
  outside: number;
  difference: number;
  buckets: number;
  declaredBuckets: number;
}

/**
 * Something about a batch that does not fit what its gateway declared.
 *
 * @public
 */
export interface BatchFinding {
  bucketStart: string;
  gateway: string;
  epoch: string;
  kind:
    | 'batch_missing'
    | 'batch_unreadable'
    | 'batch_undeclared'
    | 'batch_altered'
    | 'batch_number_reused'
    | 'batches_altered'
    | 'events_differ';
  /** Missing where no single batch can be named. */
  batch?: number;
  /** Events it is about, where known; negative: too many. */
  events?: number;
  foundAt: string;
  /** When a later look no longer found it. */
  resolvedAt?: string;
}

/**
 * The line of a bucket or a day, by gateway, and what was found in it.
 *
 * @public
 */
export interface LineDetail<TLine extends LedgerLine = LedgerLine> {
  line: TLine;
  /** At most 200. */
  gateways: GatewayLine[];
  /** At most 200. */
  findings: BatchFinding[];
}

/**
 * What is known of one epoch of a producer: an estimate of what was lost before
 * the gateway, and no part of delivery completeness. Numbers count over all
 * event types: `given = received + pending + missing + declaredDropped`.
 *
 * @public
 */
export interface ProducerEpoch {
  producer: string;
  epoch: string;
  /** Numbers of this event type that have arrived. */
  receivedOfType: number;
  lowest?: number;
  highest?: number;
  /** Numbers the producer has given to events of any type, as far as is known. */
  given: number;
  received: number;
  /** Have not arrived and still may. */
  pending: number;
  /** Have not arrived within 31 days and are not expected any more. */
  missing: number;
  /** The producer says that it gave them up. */
  declaredDropped: number;
  /** More came than is kept account of; then nothing is called missing. */
  isUncertain: boolean;
  lastSeenAt: string;
}

/** A page of producers, last seen first. @public */
export interface ProducerList {
  items: ProducerEpoch[];
  /** The `cursor` of the next page; missing on the last one. */
  nextCursor?: string;
}

/** Consecutive numbers that have not arrived. @public */
export interface ProducerGap {
  first: number;
  last: number;
  state: 'pending' | 'missing' | 'declared_dropped';
}

/** The gaps of one epoch of a producer, in order. @public */
export interface ProducerGapList {
  items: ProducerGap[];
  /** The `from` of the next page; missing on the last one. */
  nextFrom?: number;
}
