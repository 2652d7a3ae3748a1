import { ProducerError } from './errors';

/**
 * What a caller gives to `send`.
 *
 * @public
 */
export interface EventInput {
  /** Name of a registered event type, for example `shop.order_placed`. */
  type: string;
  /** The event itself: a JSON object that fits the schema of its type. */
  data: object;
  /**
   * Default: a new UUID v7. Set it when the event already has an identity, for
   * example a delivery id: sending it again is then recognised as a duplicate.
   */
  id?: string;
  /** When it happened. Default: left out. */
  time?: Date | string;
  /** Default: the source of the producer. */
  source?: string;
}

/**
 * The gateway has committed the event to the broker.
 *
 * @public
 */
export interface AcceptedVerdict {
  status: 'accepted';
  id: string;
  /** Names the reply; quote it when asking the platform team. */
  receipt: string;
}

/**
 * The gateway will never take this event as it is. It keeps it among the
 * refused events, where its owner can find it.
 *
 * @public
 */
export interface RefusedVerdict {
  status: 'refused';
  id: string;
  /** One of the gateway's reason codes, for example `missing_field`. */
  reason: string;
  /** RFC 6901 pointer to the offending field of the event. */
  pointer?: string;
  message: string;
  receipt?: string;
}

/** @public */
export type Verdict = AcceptedVerdict | RefusedVerdict;

/**
 * Counters since the producer was created. At any time
 * `sent = accepted + refused + gaveUp + buffered`.
 *
 * @public
 */
export interface ProducerStats {
  /** Events taken into the buffer. */
  sent: number;
  accepted: number;
  refused: number;
  /** Events without a verdict when `close` ran out of time. */
  gaveUp: number;
  /** Events that wait for a verdict now. */
  buffered: number;
  bufferedBytes: number;
  /** Events not taken because the buffer was full. */
  droppedBufferFull: number;
  requests: number;
  /** Requests after which at least one event had to be sent again. */
  failedRequests: number;
}

/**
 * Sends events and remembers each until the gateway has given its verdict.
 *
 * @public
 */
export interface Producer {
  /** Name of this installation, on every event. */
  readonly producer: string;
  /** Names this life of the producer; sequence numbers start at 1 in it. */
  readonly epoch: string;

  /**
   * Buffers one event and resolves with the gateway's verdict, however many
   * attempts that takes. The data is copied at once; changing it later changes
   * nothing.
   *
   * @throws ProducerError with code `invalid_event`, `buffer_full`, `closed` or
   * `gave_up`. Only after `gave_up` may the gateway have the event.
   */
  send(event: EventInput): Promise<Verdict>;

  /** Resolves when every event buffered so far is settled. */
  flush(): Promise<void>;

  /**
   * Takes no more events, flushes, and stops. What has no verdict after
   * `timeoutMs` (default 10,000) is rejected with `gave_up`. Never throws.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;

  stats(): ProducerStats;
}

/**
 * Why events could not be delivered for now. They stay buffered.
 *
 * @public
 */
export interface DeliveryProblem {
  error: ProducerError;
  /** HTTP status, when something answered. */
  status?: number;
  /** Reason code of the gateway, when it gave one. */
  reason?: string;
  /** How many events will be sent again. */
  events: number;
  retryInMs: number;
}

/**
 * Time, as the producer sees it.
 *
 * @public
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `delayMs`; the result cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
}
