import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  CompatibilityMode,
  DeclarationDraft,
  DeclarationDraftList,
  DeclarationDraftRequest,
  DeclarationOptions,
  DeclarationReview,
  DeclarationReviewRequest,
  DeprecationRequest,
  EventType,
  EventTypeEvolution,
  EventTypeListItem,
  EventTypePage,
  EventTypePreview,
  EventTypePreviewRequest,
  EventTypeRegistration,
  FieldPage,
  MajorVersion,
  MajorVersionRequest,
  NameAvailability,
  SchemaVerdict,
  SchemaVerdictRequest,
  VersionDiff,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import type { EventTypeQuery, FieldQuery } from './findQuery';

/**
 * The event types backend. Every method throws a `ResponseError` when the
 * backend refuses; `declarationProblemsOf` gives what is wrong with a
 * declaration.
 *
 * @public
 */
export interface EventTypesApi {
  /** Every event type one may see, without schemas. */
  listEventTypes(options?: {
    signal?: AbortSignal;
  }): Promise<EventTypeListItem[]>;
  /** A page of the event types one may see. */
  findEventTypes(
    query: EventTypeQuery,
    options?: { signal?: AbortSignal },
  ): Promise<EventTypePage>;
  /** A page of the fields of their newest versions. */
  findFields(
    query: FieldQuery,
    options?: { signal?: AbortSignal },
  ): Promise<FieldPage>;
  /** What a declaration may choose from. */
  getDeclarationOptions(options?: {
    signal?: AbortSignal;
  }): Promise<DeclarationOptions>;
  getEventType(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<EventType>;
  /** Newest first. */
  listVersions(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<VersionWithStep[]>;
  diffVersions(
    name: string,
    from: number,
    to: number,
    options?: { signal?: AbortSignal },
  ): Promise<VersionDiff>;
  /** Mode, deprecation and the moves between major versions. */
  getEvolution(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<EventTypeEvolution>;
  /** What publishing a schema would do; what is wrong comes as an answer. */
  judgeSchema(
    name: string,
    request: SchemaVerdictRequest,
    options?: { signal?: AbortSignal },
  ): Promise<SchemaVerdict>;
  /** Publishes an Avro record as the next version. */
  publishVersion(name: string, schema: unknown): Promise<EventType>;
  setCompatibility(name: string, mode: CompatibilityMode): Promise<EventType>;
  deprecate(name: string, request: DeprecationRequest): Promise<EventType>;
  liftDeprecation(name: string): Promise<EventType>;
  requestMajor(
    name: string,
    request: MajorVersionRequest,
  ): Promise<MajorVersion>;
  decideMajor(
    name: string,
    decision: { isApproved: boolean; note?: string },
  ): Promise<MajorVersion>;
  takeMajorStep(
    name: string,
    request: { step: 'consumers-moved' | 'retired'; note?: string },
  ): Promise<MajorVersion>;
  register(registration: EventTypeRegistration): Promise<EventType>;
  /**
   * Replaces a declaration.
   *
   * @param options - `ifGeneration`: refuses the change (409) when the event type
   * is at another generation, so that nobody else's change is lost
   */
  update(
    registration: EventTypeRegistration,
    options?: { ifGeneration?: number },
  ): Promise<EventType>;
  /** Whether a name can be registered, and why not; it reserves nothing. */
  getAvailability(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<NameAvailability>;
  /** What registering would do, and all that is in its way; it writes nothing. */
  review(
    request: DeclarationReviewRequest,
    options?: { signal?: AbortSignal },
  ): Promise<DeclarationReview>;
  /** The caller's own drafts without contents, newest first. */
  listDrafts(options?: {
    signal?: AbortSignal;
  }): Promise<DeclarationDraftList['items']>;
  getDraft(
    id: string,
    options?: { signal?: AbortSignal },
  ): Promise<DeclarationDraft>;
  /** @param id - a UUID, chosen by who saves it first */
  saveDraft(
    id: string,
    request: DeclarationDraftRequest,
  ): Promise<DeclarationDraft>;
  deleteDraft(id: string): Promise<void>;
  /** What a registration would hold; what is wrong comes as an answer. */
  preview(
    request: EventTypePreviewRequest,
    options?: { signal?: AbortSignal },
  ): Promise<EventTypePreview>;
}

/** @public */
export const eventTypesApiRef = createApiRef<EventTypesApi>().with({
  id: 'plugin.event-types.client',
  pluginId: 'event-types',
});
