/**
 * One thing that a generation of the config changed.
 *
 * @public
 */
export interface RolloutChange {
  /** Missing where it is about no event type. */
  eventType?: string;
  /** In words. */
  what: string;
  /** Entity reference of who asked for it, where that is known. */
  actor?: string;
}

/**
 * A generation of the config that gateways and workers run.
 *
 * @public
 */
export interface Rollout {
  generation: number;
  /** ISO 8601. */
  publishedAt: string;
  eventTypes: number;
  writeKeys: number;
  /** The first of `changeCount`. */
  changes: RolloutChange[];
  changeCount: number;
  /** ISO 8601. When every part ran it, or a later one; missing until then. */
  everywhereAt?: string;
}

/**
 * A part of the installation, and which generation it runs.
 *
 * @public
 */
export interface RolloutComponent {
  kind: 'gateway' | 'worker' | 'portal';
  name: string;
  isAlive: boolean;
  /** Missing until it has any. */
  generation?: number;
  /** ISO 8601. Since when it was heard to run that. */
  since?: string;
  /** ISO 8601. */
  heartbeatAt?: string;
  /**
   * How many generations it is behind the newest; 0 when it runs that. Missing
   * while it runs none.
   */
  behind?: number;
}

/**
 * Something at the broker that somebody changed by hand, and that was put back.
 *
 * @public
 */
export interface DriftRepairLine {
  eventType?: string;
  kind: 'topic' | 'subscription';
  name: string;
  drift: 'deleted' | 'changed';
  message: string;
  /** ISO 8601. */
  foundAt: string;
  repairedAt: string;
}

/**
 * Something at the broker with the mark of this installation that belongs to no
 * event type.
 *
 * @public
 */
export interface BrokerOrphanLine {
  kind: 'topic' | 'subscription';
  name: string;
  /** ISO 8601. */
  firstSeenAt: string;
  /** ISO 8601. It is deleted after this, if it is still there and empty. */
  deletedAfter: string;
}

/**
 * An event type that is being taken down.
 *
 * @public
 */
export interface RemovalLine {
  eventType: string;
  step: string;
  requestedBy: string;
  reason: string;
  /** ISO 8601. */
  beganAt: string;
  waitingFor?: { code: string; message: string; since: string };
}

/**
 * The answer of `GET /rollouts`: what runs where, and how it came to that.
 *
 * @public
 */
export interface RolloutHistory {
  /** ISO 8601; the clock of the ledger. */
  readAt: string;
  /** Missing until there is one. */
  newest?: Rollout;
  /** Newest first. */
  items: Rollout[];
  /** Ask with `before` for what is older; missing when this is all. */
  nextBefore?: number;
  /** Those that were heard of in the last hour. */
  components: RolloutComponent[];
  removals: RemovalLine[];
  /** The newest 50. */
  repairs: DriftRepairLine[];
  orphans: BrokerOrphanLine[];
}
