import type {
  AuditorService,
  AuthService,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, toError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  type EventType,
  eventTypeArchivePermission,
  eventTypeReadPermission,
  eventTypeWithdrawPermission,
  type WithdrawalReview,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { archiveEventType } from '../database/operations/eventTypes/archiveEventType';
import { beginRemovals } from '../database/operations/eventTypes/beginRemovals';
import { lockEventType } from '../database/operations/eventTypes/lockEventType';
import { undoWithdrawal } from '../database/operations/eventTypes/undoWithdrawal';
import { withdrawEventType } from '../database/operations/eventTypes/withdrawEventType';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  problem,
} from '../errors';
import type { AuthorizedEventTypeRegistry, RegistryOptions } from '../registry';
import { actorOf } from '../registry/actorOf';
import { notifyChange } from '../registry/notifyChange';
import { assertMayChange } from '../registry/writeDeclaration';

/** Under this name the end of a grace period is recorded. */
const GRACE_ACTOR = 'plugin:event-types';

/** Options of {@link WithdrawalDesk}. */
export interface WithdrawalDeskOptions {
  db: Knex;
  auditor: AuditorService;
  auth: AuthService;
  events: EventsService;
  logger: LoggerService;
  permissions: PermissionsService;
  registry: Pick<AuthorizedEventTypeRegistry, 'requireAllowed'>;
  /** How long a withdrawal can be undone; ms. */
  graceMs: number;
}

/**
 * How event types end.
 *
 *     registered ──withdraw──▶ withdrawn ──grace is over──▶ being removed ──▶ archived
 *          ▲                       │
 *          └─────────undo──────────┘
 *
 * - Nobody loses an event by a withdrawal: until the grace is over the event
 *   type is accepted as before, and whoever sends it is told the last day.
 * - Each step is one statement on one row. Undoing and the end of the grace
 *   exclude each other, whoever comes first.
 * - Who delivers is told nothing but the state of the row. It takes down what
 *   there is, however often it has to try, and then has the row archived.
 * - A row is never deleted: sealed partitions keep the name and the schemas.
 * - What a file declares is withdrawn by removing it from the file first, or the
 *   next intake would declare it anew.
 */
export class WithdrawalDesk {
  readonly #options: WithdrawalDeskOptions;

  constructor(options: WithdrawalDeskOptions) {
    this.#options = options;
  }

  /** What withdrawing would do, or what has been done. */
  async review(
    { name }: { name: string },
    options: RegistryOptions,
  ): Promise<WithdrawalReview> {
    const { registry, graceMs } = this.#options;
    const eventType = await registry.requireAllowed(
      { name, permission: eventTypeReadPermission },
      options,
    );
    const isAllowed = await registry
      .requireAllowed(
        { name, permission: eventTypeWithdrawPermission },
        options,
      )
      .then(() => true)
      .catch((error: unknown) => {
        if (error instanceof NotAllowedError) {
          return false;
        }
        throw error;
      });
    const { withdrawal, archivedAt, version } = eventType;
    return {
      withdrawal,
      archivedAt,
      graceMs,
      isAllowed,
      blockers: withdrawal ? [] : findBlockers(eventType),
      versions: version,
    };
  }

  /**
   * @throws DeclarationConflictError when it is withdrawn already, or a file
   * declares it
   */
  async withdraw(
    request: { name: string; reason: string },
    options: RegistryOptions,
  ): Promise<EventType> {
    const { db, auth, graceMs } = this.#options;
    const { name, reason } = request;
    const seen = await this.#requireWithdrawable(name, options);
    await db.transaction(async tx => {
      const current = await lockEventType(tx, { name });
      if (!current) {
        throw new EventTypeNotFoundError(name);
      }
      const { row } = current;
      if (row.generation !== seen.generation) {
        throw new DeclarationConflictError([
          problem(
            'changed_meanwhile',
            '',
            `Somebody else changed event type '${name}' at the same time; look at it again`,
          ),
        ]);
      }
      // What is retired may be withdrawn: its topics are still there.
      assertMayChange({ ...row, retired_at: null });
      const [blocker] = findBlockers(seen);
      if (blocker) {
        throw new DeclarationConflictError([
          problem(blocker.code, '', blocker.message),
        ]);
      }
      const by = actorOf(auth, options.credentials);
      await withdrawEventType(tx, { name, reason, graceMs, by });
    });
    await this.#notify(name);
    return await this.#requireWithdrawable(name, options);
  }

  /**
   * @throws DeclarationConflictError when it is not withdrawn, or its removal
   * has begun
   */
  async undo(
    { name }: { name: string },
    options: RegistryOptions,
  ): Promise<EventType> {
    const { db, auth } = this.#options;
    const { withdrawal } = await this.#requireWithdrawable(name, options);
    const by = actorOf(auth, options.credentials);
    const isUndone = await db.transaction(tx =>
      undoWithdrawal(tx, { name, by }),
    );
    if (!isUndone) {
      throw new DeclarationConflictError([
        withdrawal
          ? problem(
              'removal_began',
              '',
              `The grace period of event type '${name}' is over and it is being taken down; register another one`,
            )
          : problem(
              'not_withdrawn',
              '',
              `Event type '${name}' is not being withdrawn`,
            ),
      ]);
    }
    await this.#notify(name);
    return await this.#requireWithdrawable(name, options);
  }

  /**
   * Puts away what has been taken down. Idempotent.
   *
   * @throws DeclarationConflictError when its removal has not begun
   */
  async archive(
    { name }: { name: string },
    options: RegistryOptions,
  ): Promise<void> {
    const { db, auth, permissions } = this.#options;
    const [decision] = await permissions.authorize(
      [{ permission: eventTypeArchivePermission }],
      options,
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not archive event types');
    }
    const by = actorOf(auth, options.credentials);
    const isArchived = await db.transaction(tx =>
      archiveEventType(tx, { name, by }),
    );
    if (!isArchived) {
      throw new DeclarationConflictError([
        problem(
          'not_withdrawn',
          '',
          `Event type '${name}' is not being removed; withdraw it and wait for the end of its grace period`,
        ),
      ]);
    }
    await this.#notify(name);
  }

  /**
   * Ends the grace periods that are over, audited. Never throws: the next call
   * tries again.
   */
  async endGracePeriods(): Promise<void> {
    const { db, auditor, logger } = this.#options;
    try {
      for (const name of await beginRemovals(db, { by: GRACE_ACTOR })) {
        await this.#notify(name);
        const event = await auditor.createEvent({
          eventId: 'event-type-mutate',
          severityLevel: 'medium',
          meta: { actionType: 'remove', eventType: name },
        });
        await event.success();
      }
    } catch (error) {
      logger.warn(
        'Could not look for grace periods that are over',
        toError(error),
      );
    }
  }

  async #requireWithdrawable(
    name: string,
    options: RegistryOptions,
  ): Promise<EventType> {
    return await this.#options.registry.requireAllowed(
      { name, permission: eventTypeWithdrawPermission },
      options,
    );
  }

  async #notify(name: string): Promise<void> {
    const { events, logger } = this.#options;
    await notifyChange({ events, logger, name });
  }
}

/** Why an event type cannot be withdrawn from the portal as it is. */
function findBlockers({
  name,
  origin,
  orphanedAt,
  location,
}: EventType): { code: 'declared_in_catalog'; message: string }[] {
  return origin === 'catalog' && !orphanedAt
    ? [
        {
          code: 'declared_in_catalog',
          message: `Event type '${name}' is declared in ${
            location ?? 'the catalog'
          }. Remove it there first: it goes on delivering, is marked as orphaned some minutes later, and can then be withdrawn here`,
        },
      ]
    : [];
}
