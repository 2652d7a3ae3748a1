import type {
  CompatibilityMode,
  DeclarationProblem,
  DeprecationRequest,
  EventType,
  EventTypeEvolution,
  MajorVersion,
  SchemaVerdict,
  VersionDiff,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import type { EventSchema } from '@millrace/schema';
import type { RegistryOptions } from '../registry';

/** Refuses a change of anything but the generation that was looked at. */
export interface IfGeneration {
  ifGeneration?: number;
}

/** A schema that somebody asks about, or why it is none. */
export interface SchemaToJudge {
  schema?: EventSchema;
  problems: DeclarationProblem[];
  /** Events that came along, for what their values tell about persons. */
  samples?: readonly unknown[];
  /**
   * Whether it comes from a source that speaks of types alone: what the schema in
   * force says of the same fields is then kept.
   */
  isBare?: boolean;
}

/**
 * How event types change: modes, verdicts, deprecations and new major versions.
 *
 * Guarantees: a verdict says what publishing the same schema would do at that
 * moment, and changes nothing; every change raises the generation; the steps of
 * a move to a new major version are taken in order, each by a person, and are
 * never rewritten. Every change is one transaction: a crash leaves the state
 * before or after it.
 */
export interface EventTypeEvolver {
  /** @throws EventTypeNotFoundError */
  describe(
    request: { name: string },
    options: RegistryOptions,
  ): Promise<EventTypeEvolution>;

  /** Newest first. */
  listSteps(
    request: { name: string },
    options: RegistryOptions,
  ): Promise<VersionWithStep[]>;

  /** @throws VersionNotFoundError */
  diff(
    request: { name: string; from: number; to: number },
    options: RegistryOptions,
  ): Promise<VersionDiff>;

  /**
   * @param request - `read`: reads the schema to be judged, which takes work that
   * the caller decides; called only for who may ask
   */
  judge(
    request: { name: string; read: () => Promise<SchemaToJudge> },
    options: RegistryOptions,
  ): Promise<SchemaVerdict>;

  /**
   * Publishes a schema as the next version and leaves the rest of the
   * declaration as it is.
   *
   * @throws DeclarationConflictError when the mode forbids it, or the event type
   * is declared in the catalog
   */
  publish(
    request: { name: string; schema: EventSchema } & IfGeneration,
    options: RegistryOptions,
  ): Promise<EventType>;

  /** @throws ChangeNotAllowedError when it loosens and the caller may not */
  setMode(
    request: { name: string; mode: CompatibilityMode } & IfGeneration,
    options: RegistryOptions,
  ): Promise<EventType>;

  /** Without a deprecation, lifts the one there is. */
  setDeprecation(
    request: {
      name: string;
      deprecation: DeprecationRequest | undefined;
    } & IfGeneration,
    options: RegistryOptions,
  ): Promise<EventType>;

  /**
   * Asks for a new major version with a schema that may not follow as a version.
   *
   * @throws DeclarationConflictError when the schema could be published as it
   * is, or a move is under way already
   */
  requestMajor(
    request: {
      name: string;
      schema: EventSchema;
      reason: string;
    } & IfGeneration,
    options: RegistryOptions,
  ): Promise<MajorVersion>;

  /**
   * Approves what the owner asked for: the new event type is registered, with
   * its own topic and data endpoint, and the old one deprecated. Or refuses it.
   *
   * @throws DeclarationConflictError when nothing was asked for, or the new name
   * is taken
   * @throws ChangeNotAllowedError for who asked for it
   */
  decideMajor(
    request: { name: string; isApproved: boolean; note?: string },
    options: RegistryOptions,
  ): Promise<MajorVersion>;

  /** @throws DeclarationConflictError when it is not the next step */
  takeStep(
    request: {
      name: string;
      step: 'consumers-moved' | 'retired';
      note?: string;
    } & IfGeneration,
    options: RegistryOptions,
  ): Promise<MajorVersion>;
}
