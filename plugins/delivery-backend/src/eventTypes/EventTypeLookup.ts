import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  isError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { EventTypesService } from '@millrace/plugin-event-types-node';
import type { DataEndpointResource } from '../permissions';

/** What delivery needs to know of an event type. */
export type DeclaredEventType = Pick<
  EventType,
  'name' | 'owner' | 'tier' | 'createdAt'
>;

/**
 * Asks the event types family, on behalf of a user or of this plugin, and
 * gives its failures a meaning for whoever asked this plugin.
 */
export class EventTypeLookup {
  readonly #eventTypes: EventTypesService;
  readonly #auth: AuthService;

  constructor(options: { eventTypes: EventTypesService; auth: AuthService }) {
    this.#eventTypes = options.eventTypes;
    this.#auth = options.auth;
  }

  /** All event types with their schemas, as this plugin itself may see them. */
  async listForReconciler(): Promise<EventType[]> {
    return await this.#eventTypes.listEventTypes(
      {},
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
  }

  /** Has an event type put away of which nothing is left to deliver. */
  async archive(name: string): Promise<void> {
    await this.#eventTypes.archiveEventType(
      { name },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
  }

  /** The event types the credentials may read, by name. */
  async list(credentials: BackstageCredentials): Promise<DeclaredEventType[]> {
    return await translated(() =>
      this.#eventTypes.listEventTypes({ withSchema: false }, { credentials }),
    );
  }

  /**
   * One event type.
   *
   * @throws NotFoundError when there is none, NotAllowedError when the
   * credentials may not read it
   */
  async get(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<DeclaredEventType> {
    const eventType = await translated(() =>
      this.#eventTypes.getEventType({ name }, { credentials }),
    );
    if (!eventType) {
      throw new NotFoundError(`There is no event type '${name}'`);
    }
    return eventType;
  }

  /**
   * Data endpoints as permission rules see them, `undefined` where there is
   * none. For the permission backend, so with this plugin's own eyes.
   */
  async getResources(
    names: string[],
  ): Promise<(DataEndpointResource | undefined)[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const owners = new Map(
      (await this.list(credentials)).map(({ name, owner }) => [name, owner]),
    );
    return names.map(name => {
      const owner = owners.get(name);
      return owner === undefined ? undefined : { name, owner };
    });
  }
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isError(error) && error.statusCode === 403) {
      throw new NotAllowedError('You may not read this event type', error);
    }
    throw new ServiceUnavailableError(
      'The event types cannot be read right now; try again in a moment',
      error,
    );
  }
}
