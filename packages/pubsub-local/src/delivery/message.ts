/** Whoever received a message and has not answered for it yet. */
export interface LeaseHolder {
  /** The message is on its way to the holder. */
  leased(bytes: number): void;
  /** The message is acknowledged, given back or expired. */
  released(bytes: number): void;
}

/** The time one receiver has to acknowledge one message. */
export interface Lease {
  /** Counts the leases of this run of the broker; 0 for a rest. */
  readonly number: number;
  /** On the monotonic clock. */
  deadlineMs: number;
  readonly holder: LeaseHolder | undefined;
}

/** What a backlog is told about a message. */
export interface BacklogEntry {
  readonly sequence: number;
  readonly publishTimeMs: number;
  readonly bytes: number;
  /** Set only where the subscription orders by it. */
  readonly orderingKey?: string;
  /** Deliveries that ended with a nack or an expired deadline. */
  failures: number;
}

/**
 * A message one subscription has not acknowledged.
 *
 * It is open (to anyone, or to the owner of its ordering key), or leased, or
 * waits behind earlier messages of its key. A lease without a holder is a rest:
 * nobody has the message, and nobody gets it until the deadline.
 */
export interface PendingMessage extends BacklogEntry {
  lease: Lease | undefined;
  openTo: object | undefined;
}
