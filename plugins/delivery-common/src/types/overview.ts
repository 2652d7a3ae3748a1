import type { PartitionSummary } from './partitions';

/**
 * The steps from a declaration to data, in order.
 *
 * @public
 */
export type ConditionType =
  | 'Declared'
  | 'Provisioned'
  | 'Receiving'
  | 'Delivering';

/**
 * Whether a step is reached, since when, and else what is missing and what to
 * do about it.
 *
 * @public
 */
export interface Condition {
  type: ConditionType;
  reached: boolean;
  at?: string;
  message: string;
  /**
   * Of a step that comes by itself: not before `from`, and on time until `by`.
   * Missing while somebody has to do something first.
   */
  expected?: { from: string; by: string };
  /** Machine-readable, of a closed list. */
  reason?: string;
  /**
   * ISO 8601. When `reached` last changed, as the portal has kept it; missing
   * until it has been looked at once.
   */
  lastTransitionTime?: string;
  /**
   * The newest time within a week that somebody changed at the broker what it
   * needs, and it was put back. Told of one event type, not in lists.
   */
  repaired?: { at: string; message: string };
}

/**
 * Sums over the buckets that started in the last 24 hours, except
 * `refusedAtGateway`, which counts distinct events the gateway refused in them.
 *
 * @public
 */
export interface DeliveryCounts {
  accepted: number;
  delivered: number;
  duplicates: number;
  refusedAtSealing: number;
  refusedAtGateway: number;
  skewed: number;
}

/**
 * How one event type is delivered.
 *
 * @public
 */
export interface DeliveryOverviewRow {
  eventType: string;
  /** Entity reference. */
  owner: string;
  tier: 'critical' | 'normal' | 'low';
  /** The lateness up to which its partitions are on time. */
  objectiveMs: number;
  /** Always all four, in order. */
  conditions: Condition[];
  /** Up to 30 partitions, newest first, empty ones included. */
  recent: PartitionSummary[];
  last24h: DeliveryCounts;
  /** Events that are accepted and staged, and in no sealed partition yet. */
  inFlight: number;
  /** Over the partitions sealed in the last 24 hours; missing without any. */
  lateness?: { p50Ms: number; p99Ms: number; maxMs: number };
  lastReceivedAt?: string;
}

/**
 * How well the event types of a tier keep its objective, over the buckets that
 * ended in the last 24 hours.
 *
 * @public
 */
export interface TierAttainment {
  tier: 'critical' | 'normal' | 'low';
  objectiveMs: number;
  eventTypes: number;
  sealed: number;
  onTime: number;
  /** Not sealed yet, and later than the objective already. */
  overdue: number;
  /** On time ÷ (sealed + overdue); missing without any. */
  attainment?: number;
}
