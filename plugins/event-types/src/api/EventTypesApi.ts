import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  EventType,
  EventTypeListItem,
  EventTypePreview,
  EventTypePreviewRequest,
  EventTypeRegistration,
  EventTypeVersion,
} from '@millrace/plugin-event-types-common';

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
  getEventType(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<EventType>;
  /** Newest first. */
  listVersions(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<EventTypeVersion[]>;
  register(registration: EventTypeRegistration): Promise<EventType>;
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
