/** A topic as it is stored. */
export interface StoredTopic {
  name: string;
  labels: Record<string, string>;
  createdAtMs: number;
}

/** A subscription as it is stored. Its id is never given to another one. */
export interface StoredSubscription {
  id: number;
  name: string;
  /** Name of the topic, or `_deleted-topic_`. */
  topic: string;
  ackDeadlineSeconds: number;
  retentionSeconds: number;
  labels: Record<string, string>;
  createdAtMs: number;
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

/** A reference of one subscription to one message: "not acknowledged yet". */
export interface BacklogReference {
  subscriptionId: number;
  sequence: number;
  publishTimeMs: number;
  bytes: number;
}

/** Changes of one durable transaction; valid only inside `write`'s callback. */
export interface StoreWriter {
  putTopic(topic: StoredTopic): void;
  removeTopic(name: string): void;
  putSubscription(subscription: StoredSubscription): void;
  removeSubscription(name: string): void;
  /**
   * Stores one message under `sequence`. The body is written from the buffer
   * given, which must not change before the write has resolved.
   */
  putMessage(sequence: number, envelope: Envelope, body: Buffer): void;
  removeMessage(sequence: number): void;
  putReference(reference: BacklogReference): void;
  removeReference(subscriptionId: number, sequence: number): void;
  /** First sequence that was never used. */
  putNextSequence(nextSequence: number): void;
  /** First subscription id that was never used. */
  putNextSubscriptionId(nextId: number): void;
}

/** Everything but the messages themselves, read once at the start. */
export interface LoadedStore {
  nextSequence: number;
  nextSubscriptionId: number;
  topics: StoredTopic[];
  subscriptions: StoredSubscription[];
  /** Ordered by subscription id, then sequence. */
  references: Iterable<BacklogReference>;
  /** Sequence of every stored message, ascending. */
  sequences: Iterable<number>;
}
