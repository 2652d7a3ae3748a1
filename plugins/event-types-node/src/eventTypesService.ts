import {
  type AuthService,
  type BackstageCredentials,
  type DiscoveryService,
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type { EventType } from '@millrace/plugin-event-types-common';

/**
 * Who asks: the answer holds only what these credentials may see.
 *
 * @public
 */
export interface EventTypesServiceOptions {
  credentials: BackstageCredentials;
}

/**
 * Reads event types from any backend plugin, and puts away what delivery has
 * taken down.
 *
 * @public
 */
export interface EventTypesService {
  /**
   * Every event type the credentials may read, sorted by name.
   *
   * With `withSchema: false` the answer leaves out the schemas, by far its
   * largest part. They are there by default.
   *
   * @throws ResponseError when the event types backend refuses or is not ready
   */
  listEventTypes(
    request: { withSchema?: boolean },
    options: EventTypesServiceOptions,
  ): Promise<EventType[]>;

  /**
   * One event type, or undefined when there is none of that name.
   *
   * @throws ResponseError when the event types backend refuses or is not ready
   */
  getEventType(
    request: { name: string },
    options: EventTypesServiceOptions,
  ): Promise<EventType | undefined>;

  /**
   * Puts away an event type whose removal has begun, once nothing is left of it
   * in delivery. Asking again changes nothing.
   *
   * @throws ResponseError when the event types backend refuses or is not ready
   */
  archiveEventType(
    request: { name: string },
    options: EventTypesServiceOptions,
  ): Promise<void>;
}

/**
 * Creates an {@link EventTypesService} that asks the event types backend over
 * HTTP, wherever discovery finds it.
 *
 * @internal
 */
export function createEventTypesClient(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}): EventTypesService {
  const { auth, discovery } = options;

  async function request(
    path: string,
    credentials: BackstageCredentials,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<Response> {
    const [baseUrl, { token }] = await Promise.all([
      discovery.getBaseUrl('event-types'),
      auth.getPluginRequestToken({
        onBehalfOf: credentials,
        targetPluginId: 'event-types',
      }),
    ]);
    return await fetch(`${baseUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
    });
  }

  return {
    async listEventTypes({ withSchema = true }, { credentials }) {
      const response = await request(
        `/event-types?schema=${withSchema}`,
        credentials,
      );
      if (!response.ok) {
        throw await ResponseError.fromResponse(response);
      }
      const body: { items: EventType[] } = await response.json();
      return body.items;
    },

    async getEventType({ name }, { credentials }) {
      const path = `/event-types/${encodeURIComponent(name)}`;
      const response = await request(path, credentials);
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) {
        throw await ResponseError.fromResponse(response);
      }
      return await response.json();
    },

    async archiveEventType({ name }, { credentials }) {
      const path = `/event-types/${encodeURIComponent(name)}/archive`;
      const response = await request(path, credentials, 'POST');
      if (!response.ok) {
        throw await ResponseError.fromResponse(response);
      }
      await response.body?.cancel();
    },
  };
}

/**
 * The {@link EventTypesService} of the installation.
 *
 * @public
 */
export const eventTypesServiceRef = createServiceRef<EventTypesService>({
  id: 'event-types.service',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: { auth: coreServices.auth, discovery: coreServices.discovery },
      factory: createEventTypesClient,
    }),
});
