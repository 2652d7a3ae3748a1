import { ProducerError } from './errors';

/**
 * What may be said about an event besides its type and data.
 *
 * @public
 */
export interface EventOptions {
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
 * What a caller gives to `send` and `enqueue`.
 *
 * @public
 */
export interface EventInput<TData extends object = object>
  extends EventOptions {
  /** Name of a registered event type, for example `shop.order_placed`. */
  type: string;
  /** The event itself: a JSON object that fits the schema of its type. */
  data: TData;
}

/**
 * A registered event type as a value, with the type of its data. Generated code
 * exports one per event type.
 *
 * @public
 */
export interface EventTypeDescriptor<TData extends object> {
  /** Name of the event type. */
  readonly type: string;
  /** The schema version `TData` was generated from. */
  readonly version: number;
  /** Never set: it carries `TData` for the compiler. */
  readonly __data?: TData;
}

/**
 * The data of an event type: `DataOf<typeof orderPlaced>`.
 *
 * @public
 */
export type DataOf<TDescriptor> = TDescriptor extends EventTypeDescriptor<
  infer TData
>
  ? TData
  : never;

/**
 * An event of an event type, as `send` takes it: `EventOf<typeof orderPlaced>`.
 *
 * @public
 */
export type EventOf<TDescriptor> = EventInput<DataOf<TDescriptor>>;

/**
 * An event type that should no longer be sent, as a gateway says it. Its events
 * are accepted as before.
 *
 * @public
 */
export interface Deprecation {
  /** Name of the event type. */
  type: string;
  /** Since when, RFC 3339. */
  since?: string;
  /** The last day on which it is sent, such as `2027-01-31`. */
  endsOn?: string;
  /** Name of the event type to send instead. */
  successor?: string;
}

/**
 * An event that the queue has taken.
 *
 * @public
 */
export interface EnqueuedEvent {
  id: string;
  epoch: string;
  sequence: number;
  /**
   * Whether it survives the end of this process. Always true with a file queue,
   * never with the memory queue.
   */
  isDurable: boolean;
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
 * The gateway will never take this event as it is.
 *
 * @public
 */
export interface RefusedVerdict {
  status: 'refused';
  id: string;
  /** One of the gateway's reason codes, for example `missing_field`. */
  reason: string;
  /**
   * True: the gateway keeps the event among the refused events, where its owner
   * can find it. False: it did not read it (`event_too_large`, or a request of
   * one event it cannot parse), so nobody has the event but the caller.
   */
  kept: boolean;
  /** RFC 6901 pointer to the offending field of the event. */
  pointer?: string;
  message: string;
  receipt?: string;
}

/** @public */
export type Verdict = AcceptedVerdict | RefusedVerdict;

/**
 * Counters since the producer was created. At any time
 * `sent + recovered = accepted + refused + dropped + gaveUp + buffered`.
 *
 * @public
 */
export interface ProducerStats {
  /** Events the queue has taken. */
  sent: number;
  /** Events of earlier lives that were found in the queue. */
  recovered: number;
  accepted: number;
  refused: number;
  /** Events the queue gave up: see {@link Drop}. */
  dropped: number;
  /** Events without a verdict when `close` ran out of time; memory queue only. */
  gaveUp: number;
  /** Events that wait for a verdict now. After `close`: for the next life. */
  buffered: number;
  bufferedBytes: number;
  /** Events not taken because the queue was full; the caller was told. */
  droppedBufferFull: number;
  /** Events not taken because the disk failed; the caller was told. */
  notStored: number;
  requests: number;
  /** Requests after which at least one event had to be sent again. */
  failedRequests: number;
}

/**
 * Events that the queue gave up. Each number is exact; no event is dropped
 * without one of these.
 *
 * @public
 */
export interface Drop {
  /**
   * `queue_full`: the oldest events made room for newer ones. `damaged`: the
   * disk gave back other bytes than were written, or none.
   */
  reason: 'queue_full' | 'damaged';
  events: number;
  /** Bytes of JSON; 0 when unknown. */
  bytes: number;
  /** The life in which they were sent, and the range their numbers lie in. */
  epoch: string;
  firstSequence: number;
  lastSequence: number;
}

/**
 * Sends events and remembers each until the gateway has given its verdict.
 *
 * @public
 */
export interface Producer {
  /**
   * Name of this installation, on every event. With a file queue and no
   * `producer` option it is read from the directory: empty until `ready`.
   */
  readonly producer: string;
  /** Names this life of the producer; sequence numbers start at 1 in it. */
  readonly epoch: string;

  /**
   * Resolves when the queue is open. Waiting for it is optional; it tells early
   * that the directory is held by another process.
   *
   * @throws ProducerError with code `queue_locked` or `queue_unavailable`
   */
  ready(): Promise<void>;

  /**
   * Queues one event and resolves with the gateway's verdict, however many
   * attempts that takes. The data is copied at once; changing it later changes
   * nothing.
   *
   * @throws ProducerError with code `invalid_event`, `buffer_full`,
   * `queue_unavailable`, `queue_locked` or `closed`: the event was not taken.
   * With `gave_up` or `dropped` the gateway may have it, and with
   * `kept_in_queue` the next life sends it.
   */
  send<TData extends object>(event: EventInput<TData>): Promise<Verdict>;
  send<TData extends object>(
    eventType: EventTypeDescriptor<TData>,
    data: TData,
    options?: EventOptions,
  ): Promise<Verdict>;

  /**
   * Queues one event and resolves as soon as the queue has taken it; with a file
   * queue that is after fdatasync. The verdict goes to `onVerdict`.
   *
   * @throws ProducerError with code `invalid_event`, `buffer_full`,
   * `queue_unavailable`, `queue_locked` or `closed`: the event was not taken.
   */
  enqueue<TData extends object>(
    event: EventInput<TData>,
  ): Promise<EnqueuedEvent>;
  enqueue<TData extends object>(
    eventType: EventTypeDescriptor<TData>,
    data: TData,
    options?: EventOptions,
  ): Promise<EnqueuedEvent>;

  /** Resolves when every event queued so far is settled. */
  flush(): Promise<void>;

  /**
   * Takes no more events, flushes, and stops. What has no verdict after
   * `timeoutMs` (default 10,000) stays in a file queue, and its `send` rejects
   * with `kept_in_queue`; without one it is given up (`gave_up`). Never throws.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;

  stats(): ProducerStats;
}

/**
 * Why events could not be delivered, or the queue not be used, for now.
 *
 * @public
 */
export interface DeliveryProblem {
  error: ProducerError;
  /** Base URL of the gateway, when the problem is one with a gateway. */
  gatewayUrl?: string;
  /** HTTP status, when something answered. */
  status?: number;
  /** Reason code of the gateway, when it gave one. */
  reason?: string;
  /** How many events will be sent again. */
  events: number;
  /** How long this gateway, or the queue, is left alone. */
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
