import {
  type AuthService,
  type BackstageCredentials,
  type DiscoveryService,
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type {
  EventType,
  EventTypeGeneration,
} from '@millrace/plugin-event-types-common';
import { KnownEventTypes } from './KnownEventTypes';

/** When more have changed, all are read in one request. */
const MAX_SINGLE_READS = 16;

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
   * Cheap to call every few seconds: it asks which event types have changed and
   * reads those. The event types must not be changed; one that is as it was is
   * the same object as in the answer before.
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
 * HTTP, wherever discovery finds it. It remembers what it has read; who may read
 * it is decided by the backend each time.
 *
 * @internal
 */
export function createEventTypesClient(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}): EventTypesService {
  const { auth, discovery } = options;

  // Lists without schemas are for others than those with them.
  const known = { full: new KnownEventTypes(), brief: new KnownEventTypes() };

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

  /** @returns `undefined` when the backend has no such route yet */
  async function listGenerations(
    credentials: BackstageCredentials,
  ): Promise<EventTypeGeneration[] | undefined> {
    const response = await request('/generations', credentials);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    const body: { items: EventTypeGeneration[] } = await read(response);
    return body.items;
  }

  async function listAll(
    withSchema: boolean,
    credentials: BackstageCredentials,
  ): Promise<EventType[]> {
    const body: { items: EventType[] } = await read(
      await request(`/event-types?schema=${withSchema}`, credentials),
    );
    return body.items;
  }

  /** @returns `undefined` when it is gone, or not for these credentials */
  async function readOne(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<EventType | undefined> {
    const response = await request(pathOf(name), credentials);
    if (response.status === 404 || response.status === 403) {
      await response.body?.cancel();
      return undefined;
    }
    return await read(response);
  }

  return {
    async listEventTypes({ withSchema = true }, { credentials }) {
      const cache = withSchema ? known.full : known.brief;
      const listed = await listGenerations(credentials);
      const changed = listed && cache.findChanged(listed);
      if (!changed || changed.length > MAX_SINGLE_READS) {
        const all = await listAll(withSchema, credentials);
        cache.remember(all);
        return all;
      }
      await Promise.all(
        changed.map(async name => {
          const eventType = await readOne(name, credentials);
          if (eventType) {
            cache.remember([asListed(eventType, withSchema)]);
          } else {
            cache.forget(name);
          }
        }),
      );
      return cache.pick(listed);
    },

    async getEventType({ name }, { credentials }) {
      const response = await request(pathOf(name), credentials);
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      return await read(response);
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

function pathOf(name: string): string {
  return `/event-types/${encodeURIComponent(name)}`;
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) {
    throw await ResponseError.fromResponse(response);
  }
  return await response.json();
}

/** What is read alone as a list has it. */
function asListed(eventType: EventType, withSchema: boolean): EventType {
  const { declarationProblems: _, ...listed } = eventType;
  if (withSchema) {
    return listed;
  }
  const { sealingSchema: __, ...item } = listed;
  return { ...item, schema: undefined };
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
