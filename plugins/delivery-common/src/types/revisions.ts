/**
 * How partitions are made again.
 *
 * - `redeliver`: from the batches a partition was sealed from, under the schema
 *   version it was sealed under: repairs damaged or lost files.
 * - `reshuffle`: late batches go from the partitions they landed in to those of
 *   the buckets they were received in.
 * - `reseal`: under the schema version that is the newest now.
 *
 * @public
 */
export type RevisionKind = 'redeliver' | 'reshuffle' | 'reseal';

/**
 * Where an operation is in its life.
 *
 * - `previewing`: a worker seals the partitions on trial and counts.
 * - `previewed`: the counts are there; somebody has to decide.
 * - `running`: decided; a worker makes the revisions.
 * - `done`: the new revisions are the live ones.
 * - `failed`: nothing has changed; `problem` says why.
 * - `cancelled`: somebody decided against it.
 * - `expired`: nobody decided in time, or what it was made from has changed.
 *
 * @public
 */
export type RevisionState =
  | 'previewing'
  | 'previewed'
  | 'running'
  | 'done'
  | 'failed'
  | 'cancelled'
  | 'expired';

/**
 * What a revision holds.
 *
 * @public
 */
export interface RevisionCounts {
  /** `accepted = delivered + duplicates + refused`. */
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  conflicts: number;
  skewed: number;
  bytes: number;
}

/**
 * What an operation does to one partition.
 *
 * @public
 */
export interface RevisionChange {
  /** RFC 3339, UTC. */
  bucketStart: string;
  bucketEnd: string;
  fromRevision: number;
  toRevision: number;
  /** Batches the new revision is made from. */
  batches: number;
  /** Of them, those that came from another partition. */
  batchesIn: number;
  /** Batches of the old revision that go to another partition. */
  batchesOut: number;
  schemaVersionBefore?: number;
  schemaVersionAfter?: number;
  before: RevisionCounts;
  /** Missing until it is previewed. */
  after?: RevisionCounts;
}

/**
 * Partitions that are made again, or are to be.
 *
 * @public
 */
export interface RevisionOperation {
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  state: RevisionState;
  /** The buckets asked for; `changes` may name more. */
  buckets: string[];
  /** Entity reference of the person. */
  requestedBy: string;
  requestedAt: string;
  approvedBy?: string;
  approvedAt?: string;
  /** Why; kept in the manifests. */
  reason?: string;
  changes: RevisionChange[];
  /** While a worker is at it. */
  progress?: { step: string; done: number; total: number };
  /** Why it failed. */
  problem?: { code: string; message: string };
  finishedAt?: string;
}

/** A page of operations, newest first. @public */
export interface RevisionList {
  items: RevisionOperation[];
  /** The `before` of the next page; missing on the last one. */
  nextBefore?: string;
}

/**
 * The body of `POST /event-types/:name/revisions`: asks for a preview.
 *
 * @public
 */
export interface RevisionRequest {
  kind: RevisionKind;
  /** Starts of buckets, RFC 3339; 1 to 168. */
  buckets: string[];
}

/**
 * The body of `POST /event-types/:name/revisions/:operationId/approve`.
 *
 * @public
 */
export interface RevisionApproval {
  /** Why; 10 to 1,000 characters. */
  reason: string;
}
