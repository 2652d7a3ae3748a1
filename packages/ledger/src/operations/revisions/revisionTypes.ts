import { PartitionCounts } from '../../types';

/*
 * A revision operation makes sealed partitions again (ADR 0030).
 *
 *   previewing ──► previewed ──► running ──► done
 *        │             │  │         │
 *        └──► failed   │  └► expired└──► failed
 *        └─────────────┴──► cancelled ◄┘
 *
 * In `previewing` and `running` a worker is at it. What is `running` and has been
 * prepared can only become `done`.
 */

/**
 * What is done: `redeliver` makes partitions again from their own batches under
 * the version they were sealed under, `reseal` under the newest one; `reshuffle`
 * brings late batches to the partitions of the buckets they were received in.
 *
 * @public
 */
export type RevisionKind = 'redeliver' | 'reshuffle' | 'reseal';

/** @public */
export type RevisionState =
  | 'previewing'
  | 'previewed'
  | 'running'
  | 'done'
  | 'failed'
  | 'cancelled'
  | 'expired';

/**
 * The closed list of reasons why an operation failed. Nothing has changed then.
 *
 * @public
 */
export type RevisionProblemCode =
  /** What a partition was sealed from is not kept any more. */
  | 'staged_files_gone'
  /** A staged file is missing, cut short, or holds other events than recorded. */
  | 'staged_file_damaged'
  /** No config snapshot has the schema version that is needed. */
  | 'schema_unknown'
  /** What came out is not what the preview had said. */
  | 'differs_from_preview'
  /** The partition or its batches are not those that were asked about. */
  | 'partition_changed'
  /** The ids of the partition are not where the ledger says. */
  | 'ids_missing'
  /** The fates of the events do not add up to what was accepted. */
  | 'counts_do_not_balance'
  /** Tried again and again without success; the worker's log says more. */
  | 'keeps_failing';

/** @public */
export interface RevisionCounts extends PartitionCounts {
  /** Of all Parquet files of the partition. */
  bytes: number;
}

/** Where the events of a revision are read from. @public */
export type RevisionSource = 'staged' | 'broker';

/** What an operation does to one partition. @public */
export interface RevisionChangeRecord {
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  fromRevision: number;
  toRevision: number;
  source: RevisionSource;
  /** Batches the new revision is made from. */
  batches: number;
  /** Of these, those that come from another partition. */
  batchesIn: number;
  /** Batches of the old revision that go to another partition. */
  batchesOut: number;
  schemaVersionBefore?: number;
  schemaVersionAfter?: number;
  before: RevisionCounts;
  /** As previewed; missing before. */
  after?: RevisionCounts;
}

/** @public */
export interface RevisionRecord {
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  state: RevisionState;
  /** Those asked for; `changes` may name more. */
  buckets: Date[];
  requestedBy: string;
  requestedAt: Date;
  previewedAt?: Date;
  approvedBy?: string;
  approvedAt?: Date;
  reason?: string;
  /** Oldest bucket first. */
  changes: RevisionChangeRecord[];
  /** While a worker is at it; `done` and `total` count partitions. */
  progress?: { step: RevisionStep; done: number; total: number };
  problem?: { code: RevisionProblemCode; message: string };
  finishedAt?: Date;
}

/** What a worker is doing. @public */
export type RevisionStep = 'waiting' | 'sealing' | 'publishing';

/** How long a preview may be approved. */
export const PREVIEW_VALID_HOURS = 24;

/** Workers listen here for operations that wait for one. */
export const REVISIONS_CHANNEL = 'millrace_revisions';

/**
 * The lease under which one worker at a time tries revisions of an event type
 * out. What publishes holds that of sealing (`sealResource`).
 *
 * @public
 */
export function previewResource(eventType: string): string {
  return `preview-revision:${eventType}`;
}
