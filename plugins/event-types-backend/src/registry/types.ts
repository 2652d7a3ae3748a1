import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  EventType,
  EventTypeGeneration,
  EventTypeListItem,
  EventTypeVersion,
  Tier,
} from '@millrace/plugin-event-types-common';
import type { EventTypePermissionFilter } from '@millrace/plugin-event-types-node';
import type { DeclarationDetails, EventSchema } from '@millrace/schema';

/** A declaration whose every part has been parsed. */
export interface ParsedDeclaration {
  name: string;
  description?: string;
  /** Canonical entity reference. */
  owner: string;
  tier: Tier;
  schema: EventSchema;
  /** Without them, a change keeps those that are stored. */
  details?: DeclarationDetails;
  /** Where in the request its parts are; those of the portal's body by default. */
  pointers?: DeclarationPointers;
}

/** RFC 6901 pointers to parts of a declaration in what somebody sent. */
export interface DeclarationPointers {
  name: string;
  description: string;
  schema: string;
}

/** On whose behalf something is asked of the registry. */
export interface RegistryOptions {
  credentials: BackstageCredentials;
}

/** What happened to an event type that was written. */
export type WriteOutcome = 'created' | 'updated' | 'unchanged';

/**
 * The registered event types.
 *
 * Guarantees: a version once stored never changes; versions of an event type
 * are numbered 1, 2, 3 … without gaps; a newer version accepts every event an
 * older one accepted; writing what is already there changes nothing. Whoever
 * subscribes to the `event-types` topic is told after a change has committed.
 */
export interface EventTypeRegistry {
  /** Without schemas, sorted by name. */
  listItems(
    request: { filter?: PermissionCriteria<EventTypePermissionFilter> },
    options: RegistryOptions,
  ): Promise<EventTypeListItem[]>;

  /** With schemas, sorted by name. */
  list(
    request: { filter?: PermissionCriteria<EventTypePermissionFilter> },
    options: RegistryOptions,
  ): Promise<EventType[]>;

  /**
   * Without anything but what changes whenever an event type does, sorted by
   * name.
   */
  listGenerations(
    request: { filter?: PermissionCriteria<EventTypePermissionFilter> },
    options: RegistryOptions,
  ): Promise<EventTypeGeneration[]>;

  /** @throws EventTypeNotFoundError */
  get(request: { name: string }, options: RegistryOptions): Promise<EventType>;

  /**
   * Newest first.
   *
   * @throws EventTypeNotFoundError
   */
  listVersions(
    request: { name: string },
    options: RegistryOptions,
  ): Promise<EventTypeVersion[]>;

  /**
   * Registers a new event type of origin `portal`.
   *
   * @throws InvalidDeclarationError when the owner does not exist
   * @throws DeclarationConflictError when the name is taken
   */
  create(
    request: { declaration: ParsedDeclaration },
    options: RegistryOptions,
  ): Promise<EventType>;

  /**
   * Replaces the declaration of an event type of origin `portal`.
   *
   * `ifGeneration` refuses the change when the event type is not at that
   * generation any more.
   *
   * @throws EventTypeNotFoundError
   * @throws InvalidDeclarationError when the new owner does not exist
   * @throws DeclarationConflictError when the schema is incompatible, or the
   * event type is declared in the catalog
   */
  update(
    request: { declaration: ParsedDeclaration; ifGeneration?: number },
    options: RegistryOptions,
  ): Promise<{ eventType: EventType; outcome: WriteOutcome }>;
}
