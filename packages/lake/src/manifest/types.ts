/**
 * The books of one partition: `accepted = delivered + duplicates + refused`.
 * Conflicts are part of delivered, skewed events part of accepted.
 *
 * @public
 */
export interface PartitionCounts {
  /** Events in the batches that the partition was sealed from. */
  accepted: number;
  /** Events in the partition's files. */
  delivered: number;
  /** Copies removed because the same event is in this or an earlier partition. */
  duplicates: number;
  /** Events that could not be cast to the schema; kept apart with a reason. */
  refused: number;
  /** Delivered events whose id was taken by an event with another content. */
  conflicts: number;
  /** Accepted events that were received in an earlier bucket. */
  skewed: number;
}

/** @public */
export interface PartitionFile {
  name: string;
  rows: number;
  bytes: number;
  /** In hex. */
  sha256: string;
}

/**
 * Multiset hashes by fate: of the events of that fate, the sum modulo 2^64 of
 * the first eight bytes, big-endian, of the MD5 of source, line feed and id; in
 * decimal. `accepted` is the sum of the other three.
 *
 * @public
 */
export interface PartitionKeySums {
  accepted: string;
  delivered: string;
  duplicates: string;
  refused: string;
}

/**
 * What makes files a partition. It is written last; files that no manifest
 * names do not exist for readers. Times are ISO 8601 in UTC.
 *
 * @public
 */
export interface Manifest {
  formatVersion: 1;
  endpoint: string;
  eventType: string;
  bucket: { start: string; end: string; seconds: number };
  revision: number;
  /** Why this revision exists. */
  why: string;
  /** The revision of the bucket whose place it takes; none for the first. */
  replaces?: number;
  /** The version whose columns the files have. */
  schemaVersion: number;
  /** Versions under which the events were accepted, ascending. */
  schemaVersions: number[];
  counts: PartitionCounts;
  /** Missing in partitions of versions before it. */
  keySums?: PartitionKeySums;
  files: PartitionFile[];
  /**
   * The ids of the delivered events, in a file beside the others. It is needed
   * for the retry horizon only and is removed when its ids are in a merged file
   * or beyond the horizon: that it is missing then is no damage. Not there when
   * nothing is delivered, nor in manifests of earlier releases.
   */
  ids?: PartitionFile;
  minReceivedAt?: string;
  maxReceivedAt?: string;
  minTime?: string;
  maxTime?: string;
  sealedAt: string;
  /** The rule, verdict and inputs by which the bucket was found complete. */
  decision: unknown;
  /** What the partition was made from; equal digests mean equal inputs. */
  inputs: { batches: number; digest: string };
}
