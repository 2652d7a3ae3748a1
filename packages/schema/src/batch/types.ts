import { Bucket } from '../bucket';

/**
 * One accepted event as it travels from gateway to partition: one line of
 * NDJSON with exactly these keys in this order; what is absent is `null`.
 *
 * @public
 */
export interface StoredEvent {
  id: string;
  source: string;
  /** When it happened, as the producer says; RFC 3339. */
  time?: string;
  /** When the gateway received it; RFC 3339, UTC. */
  receivedAt: string;
  producer?: string;
  epoch?: string;
  sequence?: number;
  data: unknown;
}

/**
 * What a batch says about itself: the attributes of its broker message.
 *
 * @public
 */
export interface BatchHeader {
  gateway: string;
  /** One life of the gateway process. */
  epoch: string;
  eventType: string;
  schemaVersion: number;
  bucket: Bucket;
  /** Number of this batch among those of its gateway, epoch, type and bucket. */
  batch: number;
  events: number;
  /** Length of the NDJSON before compression. */
  bytes: number;
  /**
   * CRC-32 (as of zlib) of the NDJSON before compression. Gateways of versions
   * before it do not send one; their batches are not compared.
   */
  crc?: number;
}

/**
 * The attributes of a message on the refused topic.
 *
 * @public
 */
export interface RefusedBatchHeader {
  gateway: string;
  epoch: string;
  batch: number;
  events: number;
}

/**
 * One refused event, kept with its reason so that it can be found and
 * replayed.
 *
 * @public
 */
export interface RefusedEvent {
  /**
   * UUID form of the first 16 bytes of SHA-256 over type, source, id, reason,
   * pointer and raw event: the retries of one refusal are one row.
   */
  refusalId: string;
  eventType?: string;
  eventId?: string;
  source?: string;
  reason: string;
  /** RFC 6901 pointer to the offending field. */
  pointer?: string;
  message: string;
  receivedAt: string;
  writeKeyId?: string;
  /** The event as it came, as JSON text. */
  event: string;
  /** `event` is only the beginning of what came, which was too long to keep. */
  truncated?: boolean;
}
