/**
 * A broker message that was set aside because it cannot be staged.
 *
 * @public
 */
export interface PoisonBatch {
  poisonId: string;
  subscription: string;
  messageId: string;
  /** A code of the consumer's closed list, such as `unreadable_body`. */
  reason: string;
  message: string;
  /** How often it was tried. */
  attempts: number;
  /** How often the broker delivered it. */
  seenCount: number;
  bytes: number;
  publishedAt: string;
  recordedAt: string;
  /** While it is to be tried again. */
  retry?: { requestedAt: string; requestedBy: string };
  /** When another attempt succeeded. */
  resolvedAt?: string;
  /** Which batch it is, where that could be read. */
  batch?: {
    gateway: string;
    epoch: string;
    bucketStart: string;
    batch: number;
  };
}

/**
 * The answer of `GET /event-types/:name/poison`, newest first.
 *
 * @public
 */
export interface PoisonBatches {
  items: PoisonBatch[];
  /** All that are not resolved, by reason. */
  open: { reason: string; count: number }[];
}
