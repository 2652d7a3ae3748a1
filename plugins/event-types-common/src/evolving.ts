import type { Withdrawal } from './withdrawing';

/**
 * Who may rely on what between two versions of a schema. The words are those of
 * `@millrace/schema`, where they are defined exactly.
 *
 * @public
 */
export type CompatibilityMode =
  | 'backward'
  | 'backward-transitive'
  | 'forward'
  | 'forward-transitive'
  | 'full'
  | 'full-transitive'
  | 'none';

/**
 * That an event type should no longer be sent.
 *
 * @public
 */
export interface Deprecation {
  message: string;
  /** ISO 8601. */
  since: string;
  by: string;
  /** The day after which nobody should send it, as `2026-12-31`. */
  endsOn?: string;
  /** The event type to send instead. */
  successor?: string;
}

/**
 * What an event type carries beside its declaration.
 *
 * @public
 */
export interface EvolvingEventType {
  compatibility?: CompatibilityMode;
  deprecation?: Deprecation;
  /** ISO 8601. Gateways take no more events of it. */
  retiredAt?: string;
  withdrawal?: Withdrawal;
  /**
   * ISO 8601. It was withdrawn, and everything that delivered it is gone. Lists
   * leave it out; it is found by its name, which stays taken.
   */
  archivedAt?: string;
  /**
   * The Avro record that partitions are sealed with, when it is not `schema`:
   * it takes the events of every version, those of fields dropped since
   * included. Lists leave it out unless asked for schemas.
   */
  sealingSchema?: unknown;
}
