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
  sealedAt?: string;
  /** Sealed-at minus the end of the bucket. */
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
 * A partition with its files and why it was closed.
 *
 * @public
 */
export interface PartitionDetail extends PartitionSummary {
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
