/** A topic as it is stored. */
export interface StoredTopic {
  name: string;
  labels: Record<string, string>;
  createdAtMs: number;
  /** How long messages stay available for a seek, whoever acknowledged them. */
  retentionSeconds?: number;
  /** Holder id under which the topic itself keeps its messages. */
  logId?: number;
}

/** Where messages go that could not be delivered. */
export interface DeadLetterPolicy {
  deadLetterTopic: string;
  maxDeliveryAttempts: number;
}

/** How long a message rests after a failed delivery. */
export interface RetryPolicy {
  minBackoffMs: number;
  maxBackoffMs: number;
}

/**
 * A subscription as it is stored. Its id is never given to another holder.
 * What is optional here did not exist in format 1.
 */
export interface StoredSubscription {
  id: number;
  name: string;
  /** Name of the topic, or `_deleted-topic_`. */
  topic: string;
  ackDeadlineSeconds: number;
  retentionSeconds: number;
  labels: Record<string, string>;
  createdAtMs: number;
  retainAckedMessages?: boolean;
  enableMessageOrdering?: boolean;
  enableExactlyOnceDelivery?: boolean;
  /** Source of the filter, in Pub/Sub's filter language. */
  filter?: string;
  deadLetterPolicy?: DeadLetterPolicy;
  retryPolicy?: RetryPolicy;
  /** Deleted after so long without use; absent: never. */
  expirationTtlSeconds?: number;
  isDetached?: boolean;
  /** Ack ids from before this lease mean nothing any more: there was a seek. */
  fence?: LeaseNumber;
}

/** Names one lease among all that a store ever gave. */
export interface LeaseNumber {
  /** How often the store had been opened. */
  epoch: number;
  /** Counts the leases of an epoch. */
  lease: number;
}

/** The backlog of a subscription at one moment, and all that came after it. */
export interface StoredSnapshot {
  id: number;
  name: string;
  /** Name of the topic, or `_deleted-topic_`. */
  topic: string;
  labels: Record<string, string>;
  createdAtMs: number;
  expiresAtMs: number;
}

/** A message without its body. */
export interface Envelope {
  publishTimeMs: number;
  attributes: Record<string, string>;
  orderingKey?: string;
  /** Length of the body. */
  bytes: number;
  /** CRC-32 of the body, checked whenever the body is read. */
  crc32: number;
}

/**
 * What a holder's reference to a message says.
 *
 * - `pending`: not acknowledged yet
 * - `acknowledged`: kept for a seek
 * - `damaged`: the stored message cannot be read; set aside, never delivered
 */
export type ReferenceState = 'pending' | 'acknowledged' | 'damaged';

/**
 * A reference of one holder (a subscription, a snapshot or the log of a topic)
 * to one message. A message is kept as long as there is one.
 */
export interface BacklogReference {
  holderId: number;
  sequence: number;
  publishTimeMs: number;
  bytes: number;
  state: ReferenceState;
  /** Deliveries that failed; kept up where there is a dead-letter policy. */
  failures: number;
  /** Kept where the subscription orders by it. */
  orderingKey?: string;
}

/** Changes of one durable transaction; valid only inside `write`'s callback. */
export interface StoreWriter {
  putTopic(topic: StoredTopic): void;
  removeTopic(name: string): void;
  putSubscription(subscription: StoredSubscription): void;
  removeSubscription(name: string): void;
  putSnapshot(snapshot: StoredSnapshot): void;
  removeSnapshot(name: string): void;
  /**
   * Stores one message under `sequence`. The body is written from the buffer
   * given, which must not change before the write has resolved.
   */
  putMessage(sequence: number, envelope: Envelope, body: Buffer): void;
  removeMessage(sequence: number): void;
  putReference(reference: BacklogReference): void;
  removeReference(holderId: number, sequence: number): void;
  /** First sequence that was never used. */
  putNextSequence(nextSequence: number): void;
  /** First holder id that was never used. */
  putNextHolderId(nextId: number): void;
}

/** Everything but the messages themselves, read once at the start. */
export interface LoadedStore {
  nextSequence: number;
  nextHolderId: number;
  topics: StoredTopic[];
  subscriptions: StoredSubscription[];
  snapshots: StoredSnapshot[];
  /** Ordered by holder id, then sequence. */
  references: Iterable<BacklogReference>;
  /** Sequence of every stored message, ascending. */
  sequences: Iterable<number>;
}
