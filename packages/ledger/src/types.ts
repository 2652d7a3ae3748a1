/*
 * Shapes that cross the ledger's border. `Bucket`, `BatchHeader` and
 * `RefusedEvent` have the shape of their namesakes in `@millrace/schema`; they
 * are repeated because the ledger stores them without interpreting them and so
 * depends on no other room.
 */

/** A span of receive time of one event type: the unit of sealing. @public */
export interface Bucket {
  start: Date;
  seconds: number;
}

/** @public */
export interface BatchHeader {
  gateway: string;
  epoch: string;
  eventType: string;
  schemaVersion: number;
  /** The receive bucket. */
  bucket: Bucket;
  /** Counts from 1 per gateway epoch, event type and bucket, without gaps. */
  batch: number;
  events: number;
  /** Uncompressed. */
  bytes: number;
}

/** One batch as it lies in a staged file. @public */
export interface StagedBatch {
  header: BatchHeader;
  /** Absolute path. */
  stagedFile: string;
  offsetBytes: number;
  lengthBytes: number;
  publishedAt: Date;
  messageId: string;
}

/** @public */
export interface RefusedEvent {
  refusalId: string;
  eventType?: string;
  eventId?: string;
  source?: string;
  reason: string;
  pointer?: string;
  message: string;
  receivedAt: string;
  writeKeyId?: string;
  /** The raw JSON text. */
  event: string;
}

/** @public */
export type Tier = 'critical' | 'normal' | 'low';

/** @public */
export interface SnapshotEventType {
  name: string;
  tier: Tier;
  version: number;
  /** Avro. */
  schema: unknown;
  topic: string;
  subscription: string;
}

/** @public */
export interface SnapshotWriteKey {
  keyId: string;
  /** SHA-256 of the secret part, in hex. */
  secretHash: string;
  /** `undefined` allows all. */
  eventTypes?: string[];
}

/** One generation of what gateways and workers run. @public */
export interface ConfigSnapshot {
  generation: number;
  createdAt: string;
  bucketSeconds: number;
  eventTypes: SnapshotEventType[];
  writeKeys: SnapshotWriteKey[];
}

/**
 * The books of one partition. `accepted = delivered + duplicates + refused`;
 * conflicts are part of delivered, skewed events part of accepted.
 *
 * @public
 */
export interface PartitionCounts {
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  conflicts: number;
  skewed: number;
}

/** @public */
export interface PartitionFile {
  name: string;
  rows: number;
  bytes: number;
  sha256: string;
}

/** Both in UUID form; see the deduplication key in the glossary. @public */
export interface EventKey {
  eventKey: string;
  contentHash: string;
}

/** @public */
export type PartitionState = 'sealing' | 'sealed';

/** @public */
export interface PartitionRecord extends PartitionCounts {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  state: PartitionState;
  /** Sealed, and nothing was delivered. */
  empty: boolean;
  sealedAt?: Date;
  /** `sealedAt - bucketEnd`. */
  latenessMs?: number;
  bytes: number;
  schemaVersion?: number;
}
