import type { CompatibilityMode, Deprecation } from './evolving';
import type {
  DeclarationProblem,
  EventTypeVersion,
  FieldSummary,
  PrivacyFinding,
  SimpleField,
} from './types';

/**
 * One difference between two versions, as a mode sees it.
 *
 * @public
 */
export interface VersionDifference {
  /** From a closed list; see `DifferenceCode` in `@millrace/schema`. */
  code: string;
  /** RFC 6901 pointer into the event; `*` stands for any item or value. */
  pointer: string;
  /** As in {@link FieldSummary}; empty for the event as a whole. */
  path: string;
  /** In words; missing when the field is new. */
  old?: string;
  /** In words; missing when the field is gone. */
  new?: string;
  /** The rules it breaks, from a closed list; see `RuleCode`. */
  breaks: readonly string[];
  message: string;
  /** The earlier version it is a difference to. */
  version: number;
  /** Whether the mode forbids it. */
  isBreaking: boolean;
  /** Why it breaks; only of those that do. */
  reason?: string;
  /** What to do instead; only of those that break. */
  advice?: string;
  /**
   * The data of an event that shows the break: it fits one of the versions and
   * does not read with the other. Made up, never a real one. Only of the first
   * breaking differences.
   */
  example?: unknown;
}

/**
 * Somebody who reads what an event type delivers.
 *
 * @public
 */
export interface EventTypeReader {
  /** Entity reference. */
  entityRef: string;
  /** The fields it reads, as paths; missing when that is not known. */
  fields?: string[];
}

/**
 * Who reads, as far as that is known. `isKnown` is false while nothing in this
 * installation tells readers; an empty list with `isKnown` means nobody.
 *
 * @public
 */
export type KnownReaders =
  | { isKnown: false }
  | {
      isKnown: true;
      readers: Array<EventTypeReader & { isAffected: boolean }>;
    };

/**
 * The body of `POST /event-types/:name/verdict`: exactly one source of a schema.
 *
 * @public
 */
export interface SchemaVerdictRequest {
  schema?: unknown;
  fields?: SimpleField[];
  samples?: unknown[];
  jsonSchema?: unknown;
}

/**
 * What publishing a schema would do.
 *
 * @public
 */
export interface SchemaVerdict {
  /**
   * `invalid`: it is no schema yet, see `problems`. `nothing`: it is the newest
   * version. `new-version`: it becomes `version`. `refused`: the mode forbids
   * it, see `differences`; or something else is in the way, see `problems`.
   */
  outcome: 'invalid' | 'nothing' | 'new-version' | 'refused';
  /** The mode of the event type. */
  mode: CompatibilityMode;
  /** The number the new version would have. */
  version?: number;
  problems: DeclarationProblem[];
  /**
   * Fields that are new or have changed and look as if they were about a person:
   * while one of them is undecided, the schema is not published.
   */
  privacy: PrivacyFinding[];
  /**
   * Everything that differs from the newest version; and, in a transitive mode,
   * what breaks with an earlier one.
   */
  differences: VersionDifference[];
  /** The same schema under every mode. */
  modes: Array<{ mode: CompatibilityMode; isCompatible: boolean }>;
  readers: KnownReaders;
  /** The schema that was judged, with its fields. */
  schema?: unknown;
  fields: FieldSummary[];
}

/**
 * How a version follows the one before it.
 *
 * @public
 */
export interface VersionStep {
  /** The mode in which it was published; missing for the first releases. */
  mode?: CompatibilityMode;
  isBackward: boolean;
  isForward: boolean;
  /** How many differences there are. */
  differences: number;
}

/**
 * An item of `GET /event-types/:name/versions`.
 *
 * @public
 */
export interface VersionWithStep extends EventTypeVersion {
  /** Missing for version 1. */
  step?: VersionStep;
}

/**
 * The answer of `GET /event-types/:name/versions/:from/diff/:to`.
 *
 * @public
 */
export interface VersionDiff {
  from: EventTypeVersion;
  to: EventTypeVersion;
  /** Whether what `from` wrote reads with `to`. */
  isBackward: boolean;
  /** Whether what `to` writes reads with `from`. */
  isForward: boolean;
  added: VersionDifference[];
  removed: VersionDifference[];
  /** Types, symbols and whether a field is required. */
  changed: VersionDifference[];
  documentation: VersionDifference[];
  semanticTypes: VersionDifference[];
  /** Names, defaults and annotations: nothing that events or columns show. */
  other: VersionDifference[];
}

/**
 * The body of `PUT /event-types/:name/deprecation`.
 *
 * @public
 */
export interface DeprecationRequest {
  message: string;
  endsOn?: string;
  successor?: string;
}

/**
 * Where the move to a new major version stands.
 *
 * `requested`: the owner asked for it. `refused`: it was not approved.
 * `dual-write`: the new event type is there, producers send both.
 * `consumers-moved`: nobody reads the old one any more. `retired`: gateways
 * refuse the old one.
 *
 * @public
 */
export type MajorState =
  | 'requested'
  | 'refused'
  | 'dual-write'
  | 'consumers-moved'
  | 'retired';

/**
 * The move from one event type to its successor, a new major version.
 *
 * @public
 */
export interface MajorVersion {
  predecessor: string;
  /** The new event type; it exists from `dual-write` on. */
  successor: string;
  state: MajorState;
  /** Why the owner needs it. */
  reason: string;
  /** The schema the new event type begins with. */
  schema: unknown;
  fields: FieldSummary[];
  /** Who did what, when, oldest first. */
  steps: Array<{ state: MajorState; at: string; by: string; note?: string }>;
}

/**
 * The body of `POST /event-types/:name/majors`.
 *
 * @public
 */
export interface MajorVersionRequest {
  reason: string;
  /** An Avro record. */
  schema: unknown;
}

/**
 * The answer of `GET /event-types/:name/evolution`.
 *
 * @public
 */
export interface EventTypeEvolution {
  mode: CompatibilityMode;
  modes: Array<{
    mode: CompatibilityMode;
    /** Whether choosing it would give up what is promised today. */
    isLoosening: boolean;
  }>;
  deprecation?: Deprecation;
  retiredAt?: string;
  /** The move to the next major version: `succeededBy`. */
  succeededBy?: MajorVersion;
  /** The move this event type came from: `succeeds`. */
  succeeds?: MajorVersion;
  readers: KnownReaders;
}
