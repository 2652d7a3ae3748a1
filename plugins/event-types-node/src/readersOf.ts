import {
  type BackstageCredentials,
  createExtensionPoint,
} from '@backstage/backend-plugin-api';
import type { EventTypeReader } from '@millrace/plugin-event-types-common';

/**
 * Tells who reads what an event type delivers, so that the verdict on a schema
 * can name who is affected. A plugin that knows lineage implements it.
 *
 * @public
 */
export interface ReadersOf {
  /**
   * Everybody known to read the event type; the credentials are of whoever asks
   * and may not see all of them.
   */
  readersOf(
    request: { eventType: string },
    options: { credentials: BackstageCredentials },
  ): Promise<EventTypeReader[]>;
}

/**
 * Where a module of the event types plugin says who reads.
 *
 * @public
 */
export interface EventTypesReadersExtensionPoint {
  /** @throws Error when somebody has set it already */
  setReadersOf(readersOf: ReadersOf): void;
}

/**
 * The {@link EventTypesReadersExtensionPoint}. Without an implementation, the
 * answers say that readers are not known.
 *
 * @public
 */
export const eventTypesReadersExtensionPoint =
  createExtensionPoint<EventTypesReadersExtensionPoint>({
    id: 'event-types.readers',
  });
