/**
 * Every way the producer itself says no. A refusal by the gateway is not an
 * error: it is a verdict.
 *
 * @public
 */
export type ProducerErrorCode =
  /** An option is missing or out of range. */
  | 'invalid_option'
  /** The event cannot be written as JSON, or has no type or data. */
  | 'invalid_event'
  /** Too many events wait for a verdict; this one was not taken. */
  | 'buffer_full'
  /** `close` has been called; this event was not taken. */
  | 'closed'
  /** Another live process holds the queue's directory; this event was not taken. */
  | 'queue_locked'
  /** The disk did not store the event, for example because it is full; it was not taken. */
  | 'queue_unavailable'
  /** The time given to `close` ran out before the gateway answered. */
  | 'gave_up'
  /** As `gave_up`, but the event stays in the queue and the next life sends it. */
  | 'kept_in_queue'
  /** The queue gave the event up: it was full, or the disk lost it. */
  | 'dropped'
  /** The gateway could not be reached, or did not answer in time. */
  | 'unreachable'
  /** The gateway answered that it cannot take events now. */
  | 'unavailable'
  /** The gateway does not accept the write key. */
  | 'write_key_refused'
  /** Something answered, but not as a Millrace gateway does. */
  | 'unexpected_reply';

/**
 * The error of this package.
 *
 * @public
 */
export class ProducerError extends Error {
  readonly code: ProducerErrorCode;

  constructor(
    code: ProducerErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ProducerError';
    this.code = code;
  }
}
