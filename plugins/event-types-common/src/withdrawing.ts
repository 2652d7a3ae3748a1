/**
 * That an event type is on its way out: until `endsAt` it is accepted as before
 * and this can be undone; then what delivers it is taken down. What was sealed
 * of it stays.
 *
 * @public
 */
export interface Withdrawal {
  /** ISO 8601. */
  since: string;
  by: string;
  reason: string;
  /** ISO 8601; the end of the grace period. */
  endsAt: string;
  /** ISO 8601. The grace is over and this cannot be undone any more. */
  removalBeganAt?: string;
}

/**
 * The body of `PUT /event-types/:name/withdrawal`.
 *
 * @public
 */
export interface WithdrawalRequest {
  /** Told to everybody who sends or reads it. */
  reason: string;
}

/**
 * The answer of `GET /event-types/:name/withdrawal`: what withdrawing would do
 * as far as the registry knows it, or what has been done.
 *
 * @public
 */
export interface WithdrawalReview {
  withdrawal?: Withdrawal;
  /** ISO 8601. Everything is taken down; the name stays taken. */
  archivedAt?: string;
  /** How long it can be undone; ms. */
  graceMs: number;
  /** Whether the caller may withdraw it, or undo that. */
  isAllowed: boolean;
  /** Why it cannot be withdrawn, and what to do first. */
  blockers: { code: string; message: string }[];
  /** Versions of its schema, which stay readable. */
  versions: number;
}

/**
 * A thing that an event type has at the broker, and whether it exists.
 *
 * @public
 */
export interface FootprintResource {
  kind: 'topic' | 'subscription';
  name: string;
  exists: boolean;
}

/**
 * How far taking down an event type has come, in this order.
 *
 * - `gateways`: until no gateway can accept it any more.
 * - `draining`: until nothing is left on its subscriptions.
 * - `sealing`: until everything that was accepted is in sealed partitions.
 * - `resources`: its topics and subscriptions are deleted.
 * - `archiving`: the registry puts it away.
 * - `done`.
 *
 * @public
 */
export type RemovalStep =
  | 'gateways'
  | 'draining'
  | 'sealing'
  | 'resources'
  | 'archiving'
  | 'done';

/**
 * Taking down an event type whose grace period is over.
 *
 * @public
 */
export interface RemovalProgress {
  step: RemovalStep;
  /** When each step was finished, ISO 8601; those to come are missing. */
  finished: { [step in Exclude<RemovalStep, 'done'>]?: string };
  beganAt: string;
  /** What it waits for, in words, and since when. */
  waitingFor?: { code: string; message: string; since: string };
}

/**
 * What there is of an event type in delivery: the answer of
 * `GET /event-types/:name/footprint` of the delivery backend. Withdrawing takes
 * down the resources; the sealed partitions stay.
 *
 * @public
 */
export interface EventTypeFootprint {
  resources: FootprintResource[];
  /** Why the broker could not be asked; then `resources` is empty. */
  brokerProblem?: string;
  /** Events that were accepted and are not in a sealed partition yet. */
  inFlight: number;
  /** ISO 8601. When the last event was accepted. */
  lastReceivedAt?: string;
  partitions: {
    count: number;
    events: number;
    /** ISO 8601; starts of the first and the last bucket. */
    first?: string;
    last?: string;
  };
  /** Producers with a live write key that may send it. */
  producers: {
    /** Those whose key names this event type, or that sent anything lately. */
    items: {
      keyId: string;
      name: string;
      owner: string;
      /** The key allows only this event type, and is of no use without it. */
      isOnlyUse: boolean;
      /** ISO 8601. When the key was last used, for whatever event type. */
      lastUsedAt?: string;
    }[];
    total: number;
    /** Keys that allow every event type; they are not listed. */
    unrestricted: number;
  };
  /** Sinks that its sealed partitions are loaded to. */
  sinks: string[];
  removal?: RemovalProgress;
}
