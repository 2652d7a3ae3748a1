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
  /** CRC-32 of the uncompressed body; gateways before it send none. */
  crc?: number;
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
  /** `event` is only the beginning of what came. */
  truncated?: boolean;
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
  /** Where its refused events go. */
  refusedTopic: string;
  refusedSubscription: string;
}

/**
 * Where a write key is used: `server` is a secret of a service, `browser` is
 * public and therefore bound to named event types and to a lower rate.
 *
 * @public
 */
export type WriteKeyKind = 'server' | 'browser';

/** @public */
export interface SnapshotWriteKey {
  keyId: string;
  /** SHA-256 of the secret part, in hex. */
  secretHash: string;
  /** `undefined` allows all. */
  eventTypes?: string[];
  /** The producer it belongs to. */
  producer?: string;
  kind: WriteKeyKind;
  /** `undefined` leaves the limit to the gateway's settings for the kind. */
  eventsPerSecond?: number;
  /** ISO 8601. From then on gateways refuse it, by their own clock. */
  expiresAt?: string;
}

/** What a reader checks a config snapshot by. @public */
export interface SnapshotIntegrity {
  /** SHA-256 of the content as canonical JSON, in hex. */
  contentHash: string;
  eventTypeCount: number;
  writeKeyCount: number;
}

/** One generation of what gateways and workers run. @public */
export interface ConfigSnapshot {
  generation: number;
  /**
   * The history of the ledger it is part of; within one a higher generation is
   * the later one. Missing in those of earlier releases, as is `integrity`.
   */
  lineage?: string;
  createdAt: string;
  integrity?: SnapshotIntegrity;
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

/**
 * An event with the source and id of one that a replay has sent, and the bucket
 * whose partition it lies in.
 *
 * @public
 */
export interface ReplayLanding extends EventKey {
  /** ISO 8601. */
  bucketStart: string;
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
  /** From the end of the bucket to its first sealing, whatever the revision. */
  latenessMs?: number;
  bytes: number;
  schemaVersion?: number;
}
