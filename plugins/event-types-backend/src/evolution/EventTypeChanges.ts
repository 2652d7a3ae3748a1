import type { LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import {
  type LockedEventType,
  lockEventType,
} from '../database/operations/eventTypes/lockEventType';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  problem,
} from '../errors';
import { notifyChange } from '../registry/notifyChange';
import { assertMayChange } from '../registry/writeDeclaration';
import { getEventType } from './getEventType';
import type { IfGeneration } from './types';

/** How an event type is changed: locked, in one transaction, and told of after. */
export class EventTypeChanges {
  readonly #db: Knex;
  readonly #events: EventsService;
  readonly #logger: LoggerService;

  constructor(options: {
    db: Knex;
    events: EventsService;
    logger: LoggerService;
  }) {
    this.#db = options.db;
    this.#events = options.events;
    this.#logger = options.logger;
  }

  /**
   * Runs a change on the locked event type and tells of it.
   *
   * @param change - gives whether anything changed
   */
  async run(
    { name, ifGeneration }: { name: string } & IfGeneration,
    change: (
      tx: Knex.Transaction,
      current: LockedEventType,
    ) => Promise<boolean>,
  ): Promise<EventType> {
    const isChanged = await this.#db.transaction(async tx => {
      const current = await lockEventType(tx, { name });
      if (!current) {
        throw new EventTypeNotFoundError(name);
      }
      if (
        ifGeneration !== undefined &&
        current.row.generation !== ifGeneration
      ) {
        throw new DeclarationConflictError([
          problem(
            'changed_meanwhile',
            '',
            `Somebody else changed event type '${name}' at the same time; look at it again`,
          ),
        ]);
      }
      assertMayChange(current.row);
      return await change(tx, current);
    });
    if (isChanged) {
      await this.notify(name);
    }
    return await getEventType(this.#db, name);
  }

  /** Tells the rest of Backstage that an event type is no longer what it was. */
  async notify(name: string): Promise<void> {
    await notifyChange({ events: this.#events, logger: this.#logger, name });
  }
}
