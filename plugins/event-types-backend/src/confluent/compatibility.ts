import type { EventType } from '@millrace/plugin-event-types-common';
import { type EventSchema, compareSchemas } from '@millrace/schema';

/** The levels of the protocol, from the loosest to the strictest. */
export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** Something that stands against a schema. */
export interface Objection {
  /** From a closed list. */
  code: string;
  /** JSON pointer into the event. */
  pointer: string;
  message: string;
}

/**
 * What the protocol has to know of how event types may change. The registry
 * enforces it; this only tells of it, and judges without publishing.
 */
export interface CompatibilityRules {
  /** In force for event types that do not exist yet. */
  readonly defaultLevel: CompatibilityLevel;
  /** In force for an event type. */
  levelOf(eventType: EventType): CompatibilityLevel;
  /** What keeps `next` from following `earlier`; nothing means compatible. */
  objections(options: {
    level: CompatibilityLevel;
    earlier: EventSchema;
    next: EventSchema;
  }): Objection[];
}

/**
 * The one rule there is: a newer version accepts every event an older one
 * accepted. As every version follows this rule with regard to the one before,
 * it holds for all earlier ones.
 */
export const backwardTransitive: CompatibilityRules = {
  defaultLevel: 'BACKWARD_TRANSITIVE',
  levelOf: () => 'BACKWARD_TRANSITIVE',
  objections: ({ earlier, next }) => compareSchemas(earlier, next),
};
