import type {
  AuthService,
  LoggerService,
  SchedulerServiceTaskRunner,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import {
  ANNOTATION_ORPHANED_AT,
  EVENT_TYPES_TOPIC,
} from '@millrace/plugin-event-types-common';
import type { EventTypesService } from '@millrace/plugin-event-types-node';
import { toEntities } from './entities';

const RETRY_MS = 60_000;

/**
 * Keeps the catalog's picture of registered event types and their data
 * endpoints.
 *
 * Level-triggered: every refresh hands over the whole picture, on a schedule,
 * and at once when an event type changes. The announcement is only a hint, so
 * losing one costs a few seconds. When the event types backend does not answer
 * (it may still be starting), the catalog keeps what it has: an empty picture
 * is never handed over for want of an answer. A refresh that finds nothing
 * changed does not touch the catalog, but for orphans: the catalog takes the
 * entity of an orphan only once it has let go of the file's, and does not say
 * when, so the picture is handed over again each minute while there are some.
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
  readonly #now: () => number;
  #connection: EntityProviderConnection | undefined;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #applied: string | undefined;
  /** Milliseconds. */
  #appliedAt = 0;
  #failure: string | undefined;

  constructor(options: {
    auth: AuthService;
    events: EventsService;
    eventTypes: EventTypesService;
    logger: LoggerService;
    taskRunner: SchedulerServiceTaskRunner;
    /** Milliseconds since 1970. */
    now?: () => number;
  }) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
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

  #isRetryDue(entities: readonly Entity[]): boolean {
    return (
      this.#now() - this.#appliedAt >= RETRY_MS &&
      entities.some(
        ({ metadata }) =>
          metadata.annotations?.[ANNOTATION_ORPHANED_AT] !== undefined,
      )
    );
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
      if (picture !== this.#applied || this.#isRetryDue(entities)) {
        await this.#connection?.applyMutation({
          type: 'full',
          // Without a location key: a file that declares the event type takes the
          // entity over, and the intake then the event type.
          entities: entities.map(entity => ({ entity })),
        });
        this.#applied = picture;
        this.#appliedAt = this.#now();
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
