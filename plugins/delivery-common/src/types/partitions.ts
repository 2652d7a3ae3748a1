/**
 * One bucket of one data endpoint: sealed, or about to be.
 *
 * @public
 */
export interface PartitionSummary {
  eventType: string;
  /** RFC 3339, UTC. */
  bucketStart: string;
  bucketEnd: string;
  revision: number;
  state: 'sealing' | 'sealed';
  /** Sealed, and nothing was delivered. */
  empty: boolean;
  /** Of this revision. */
  sealedAt?: string;
  /**
   * The end of the bucket to its first delivery. A revision that is made later
   * makes no bucket late.
   */
  latenessMs?: number;
  /** `accepted = delivered + duplicates + refused`. */
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  /** Delivered events whose id was known with other content. */
  conflicts: number;
  /** Accepted events whose receive bucket was an earlier one. */
  skewed: number;
  bytes: number;
}

/**
 * A part of the lateness of a bucket.
 *
 * - `publish`: the end of the bucket until the broker had its last batch.
 * - `stage`: from there until a worker had it on disk and the ledger knew.
 * - `close`: from there until a sealer held the bucket to be complete.
 * - `seal`: from there until readers saw the partition.
 *
 * @public
 */
export type LatenessStage = 'publish' | 'stage' | 'close' | 'seal';

/**
 * Where the time between the end of a bucket and its first delivery went.
 *
 * Each time was told by the clock of another machine. Where these contradict
 * each other, the later stage counts as nothing and `clocksDifferMs` says so.
 *
 * @public
 */
export interface LatenessStages {
  /** The last delivered event, by the clock of its gateway. */
  lastReceivedAt?: string;
  /** The last batch, by the clock of the broker; missing when there was none. */
  lastPublishedAt?: string;
  /** The last batch, by the clock of the ledger; missing when there was none. */
  lastStagedAt?: string;
  /** By the clock of the ledger. */
  closedAt: string;
  /** By the clock of the worker. */
  sealedAt: string;
  /**
   * All four, in order; none is negative and their sum is the lateness. Empty
   * when the bucket was sealed before its end by the clock of the worker.
   */
  shares: { stage: LatenessStage; ms: number }[];
  /** The clocks of the machines differ by that much at least; missing when they agree. */
  clocksDifferMs?: number;
}

/**
 * A file of a partition.
 *
 * @public
 */
export interface PartitionFile {
  name: string;
  rows: number;
  bytes: number;
  sha256: string;
}

/**
 * How far a partition has come on its way into a sink, such as BigQuery.
 *
 * @public
 */
export interface PartitionSinkLoad {
  sink: string;
  state: 'pending' | 'loading' | 'loaded' | 'failed' | 'superseded';
  /** Why the last try failed, as a code and in a sentence. */
  reason?: string;
  message?: string;
  /** When a failed one is tried again. */
  nextTryAt?: string;
  /** As counted in the sink. */
  rows?: number;
  loadedAt?: string;
}

/**
 * One revision among those of a bucket.
 *
 * @public
 */
export interface PartitionRevision {
  revision: number;
  state: 'sealing' | 'sealed';
  /** The one that readers see. */
  isLive: boolean;
  /** Missing while it is being sealed. */
  sealedAt?: string;
  /** When a later one took its place. */
  supersededAt?: string;
  /** Why it was made, as its manifest says; missing when that cannot be read. */
  why?: string;
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  conflicts: number;
  skewed: number;
  bytes: number;
}

/**
 * Whether the multiset hashes of the event keys agree: those of delivered,
 * duplicates and refused add up to that of accepted, and the manifest in the
 * lake has the same ones as the ledger.
 *
 * - `agree`: they do.
 * - `differ`: they do not: an incident.
 * - `not-recorded`: the partition is empty, or was sealed before books were kept.
 * - `unknown`: the manifest cannot be read now; `message` says why.
 *
 * @public
 */
export interface KeySumsVerdict {
  verdict: 'agree' | 'differ' | 'not-recorded' | 'unknown';
  message: string;
  /** In decimal, modulo 2^64. */
  accepted?: string;
  delivered?: string;
  duplicates?: string;
  refused?: string;
}

/**
 * A partition with its files and why it was closed.
 *
 * @public
 */
export interface PartitionDetail extends PartitionSummary {
  /** The revision that readers see. */
  isLive: boolean;
  /** When a later revision took its place. */
  supersededAt?: string;
  /** When the bucket should have been sealed, by the objective of its tier. */
  expectedBy: string;
  /** It was closed by order of a person. */
  isForced: boolean;
  /** Of the first delivery; missing when not recorded, or not sealed yet. */
  stages?: LatenessStages;
  /** Of the bucket, first to last, this one among them. */
  revisions: PartitionRevision[];
  /** Missing while it is being sealed. */
  keySums?: KeySumsVerdict;
  files: PartitionFile[];
  /** Missing while sealing, and for an empty partition without files. */
  manifestPath?: string;
  manifestSha256?: string;
  /** The newest schema version among its events. */
  schemaVersion?: number;
  /** Missing when nothing is loaded anywhere beside the lake. */
  sinks?: PartitionSinkLoad[];
  /** The rule that closed the bucket and its inputs, as the sealer kept them. */
  decision: { rule?: string; inputs?: unknown; [key: string]: unknown };
}

/**
 * A page of partitions, newest bucket first.
 *
 * @public
 */
export interface PartitionList {
  items: PartitionSummary[];
  /** The `before` of the next page; missing on the last one. */
  nextBefore?: string;
}

/**
 * A page of a sealed partition's rows.
 *
 * @public
 */
export interface PartitionRows {
  columns: { name: string; type: string }[];
  /** In the order of `columns`. Big integers and timestamps come as text. */
  rows: unknown[][];
  /** Rows in the whole partition. */
  total: number;
  limit: number;
  offset: number;
}
