import type {
  AuthService,
  LoggerService,
  SchedulerServiceTaskRunner,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import { EVENT_TYPES_TOPIC } from '@millrace/plugin-event-types-common';
import type { EventTypesService } from '@millrace/plugin-event-types-node';
import { toEntities } from './entities';

/**
 * Keeps the catalog's picture of registered event types and their data
 * endpoints.
 *
 * Level-triggered: every refresh hands over the whole picture, on a schedule,
 * and at once when an event type changes. The announcement is only a hint, so
 * losing one costs a few seconds. When the event types backend does not answer
 * (it may still be starting), the catalog keeps what it has: an empty picture
 * is never handed over for want of an answer. A refresh that finds nothing
 * changed does not touch the catalog.
 *
 * @internal
 */
export class EventTypeEntityProvider implements EntityProvider {
  readonly #options: {
    auth: AuthService;
    events: EventsService;
    eventTypes: EventTypesService;
    logger: LoggerService;
    taskRunner: SchedulerServiceTaskRunner;
  };
  #connection: EntityProviderConnection | undefined;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #applied: string | undefined;
  #failure: string | undefined;

  constructor(options: {
    auth: AuthService;
    events: EventsService;
    eventTypes: EventTypesService;
    logger: LoggerService;
    taskRunner: SchedulerServiceTaskRunner;
  }) {
    this.#options = options;
  }

  getProviderName(): string {
    return 'EventTypeEntityProvider';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    const { events, taskRunner } = this.#options;
    await events.subscribe({
      id: 'event-type-entities',
      topics: [EVENT_TYPES_TOPIC],
      onEvent: () => this.refresh(),
    });
    await taskRunner.run({
      id: 'refresh-event-type-entities',
      fn: () => this.refresh(),
    });
  }

  /**
   * Hands the picture over. Never throws. A call during a running refresh
   * resolves after one more refresh that began after the call: the running one
   * may have read before the change.
   */
  async refresh(): Promise<void> {
    if (this.#running) {
      this.#isAskedAgain = true;
    } else {
      this.#running = this.#refreshUntilSettled();
    }
    await this.#running;
  }

  async #refreshUntilSettled(): Promise<void> {
    try {
      do {
        this.#isAskedAgain = false;
        await this.#refreshOnce();
      } while (this.#isAskedAgain);
    } finally {
      this.#running = undefined;
    }
  }

  async #refreshOnce(): Promise<void> {
    const { auth, eventTypes, logger } = this.#options;
    try {
      const entities = toEntities(
        await eventTypes.listEventTypes(
          { withSchema: false },
          { credentials: await auth.getOwnServiceCredentials() },
        ),
      );
      const picture = JSON.stringify(entities);
      if (picture !== this.#applied) {
        await this.#connection?.applyMutation({
          type: 'full',
          // Without a location key: a file that declares the event type takes the
          // entity over, and the intake then the event type.
          entities: entities.map(entity => ({ entity })),
        });
        this.#applied = picture;
      }
      if (this.#failure !== undefined) {
        logger.info('Event types are brought into the catalog again');
        this.#failure = undefined;
      }
    } catch (error) {
      const failure = toError(error).message;
      if (failure !== this.#failure) {
        logger.warn(
          `Could not bring event types into the catalog, will try again: ${failure}`,
        );
        this.#failure = failure;
      }
    }
  }
}
