/**
 * The closed list of reasons why a broker message cannot be staged. Such a
 * message is poison: it is kept aside whole, under its reason, and acknowledged.
 *
 * @public
 */
export type PoisonReason =
  /** The attributes are not those of a batch. */
  | 'invalid_batch_header'
  /** The batch belongs to another event type than its subscription. */
  | 'wrong_event_type'
  /** The body is not zstd, or is longer than the header says. */
  | 'unreadable_body'
  /** Bytes or lines of the body are not as many as the header says. */
  | 'body_differs_from_header'
  /** A refused event lacks what every refused event has. */
  | 'invalid_refused_event'
  /** The ledger refuses what it says of itself, however often it is tried. */
  | 'refused_by_ledger'
  /** Whoever handles it dies. */
  | 'ends_the_worker';

/**
 * Says why a message can never be staged.
 *
 * @public
 */
export class PoisonError extends Error {
  constructor(
    readonly reason: PoisonReason,
    message: string,
    /** How often it was tried. */
    readonly attempts: number = 1,
  ) {
    super(message);
    this.name = 'PoisonError';
  }
}
