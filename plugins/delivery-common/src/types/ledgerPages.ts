import type { BucketState, ClosingReason } from './closing';
import type { LedgerLine } from './completeness';
import type { LatenessStages, PartitionSummary } from './partitions';

/**
 * What one row of the ledger is about.
 *
 * @public
 */
export type LedgerUnit = 'bucket' | 'hour' | 'day';

/**
 * How many buckets of a row are in which state. `sealed` contains `late`,
 * `empty`, `revised` and `forced`.
 *
 * @public
 */
export interface LedgerBuckets {
  sealed: number;
  /** First sealed later than the objective. */
  late: number;
  /** Without a delivered event. */
  empty: number;
  /** Seen by readers in a later revision than the first. */
  revised: number;
  /** Closed by order of a person. */
  forced: number;
  sealing: number;
  /** Over, and a sealer has decided that it may not be closed yet. */
  waiting: number;
}

/**
 * A bucket of the ledger, by itself.
 *
 * @public
 */
export interface LedgerBucket {
  state: Exclude<BucketState, 'nothing-owed'>;
  /** When it should be sealed by the objective of its tier. */
  expectedBy: string;
  /** First sealed later than the objective, or not sealed and overdue already. */
  isLate: boolean;
  isForced: boolean;
  /** As readers see it; missing until it is closed. */
  partition?: PartitionSummary;
  /** Missing when not recorded, or not sealed yet. */
  stages?: LatenessStages;
  /** While it waits. */
  waiting?: { since: string; reasons: ClosingReason[] };
}

/**
 * A row of the ledger: a bucket, an hour or a day of an event type.
 *
 * @public
 */
export interface LedgerRow {
  /** RFC 3339, UTC. */
  start: string;
  end: string;
  /** Of the events that were received in it, wherever they landed. */
  line: LedgerLine;
  buckets: LedgerBuckets;
  /** Of the first deliveries; missing when nothing of it is sealed. */
  lateness?: { medianMs: number; maxMs: number };
  /** In its partitions, received in an earlier bucket. */
  skewed: number;
  /** In its partitions, delivered although their id was known with other content. */
  conflicts: number;
  /** Of its files. */
  bytes: number;
  /** Of rows by bucket only. */
  bucket?: LedgerBucket;
}

/**
 * The answer of `GET /event-types/:name/ledger`: what was accepted and what
 * became of it, newest first.
 *
 * @public
 */
export interface LedgerPage {
  unit: LedgerUnit;
  items: LedgerRow[];
  /** The `before` of the next, older page; missing when nothing is older. */
  nextBefore?: string;
  /** The length of a bucket now. */
  bucketSeconds: number;
  /** The lateness up to which a bucket of its tier is on time. */
  objectiveMs: number;
  /** Nothing is said about events before; missing when books always were kept. */
  booksBeganAt?: string;
  /**
   * The last 24 hours in one row, up to the bucket that is open. Only with the
   * newest page by day.
   */
  last24h?: LedgerRow;
}

/**
 * The query of `GET /event-types/:name/ledger`.
 *
 * @public
 */
export interface LedgerQuery {
  /**
   * Default: `bucket` for buckets of an hour, and for shorter ones as long as
   * none is older than two hours; else `hour`.
   */
  by?: LedgerUnit;
  /** Only what starts before; RFC 3339. Default: up to now. */
  before?: string;
  /** Only what starts then or later; RFC 3339. */
  from?: string;
  /** Rows looked at: 1 to 200; by day 1 to 31. Default 48; by day 7. */
  limit?: number;
}
