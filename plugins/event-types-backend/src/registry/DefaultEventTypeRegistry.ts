import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import {
  ANNOTATION_ORIGIN,
  type EventType,
  type EventTypeGeneration,
  type EventTypeListItem,
  type EventTypeVersion,
  ORIGIN_PORTAL,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { findProblems } from '../database/operations/declarationProblems/findProblems';
import {
  listEventTypeItems,
  listEventTypes,
} from '../database/operations/eventTypes/listEventTypes';
import { listGenerations } from '../database/operations/eventTypes/listGenerations';
import { lockEventType } from '../database/operations/eventTypes/lockEventType';
import { listVersions } from '../database/operations/versions/listVersions';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  problem,
} from '../errors';
import { systemNotFound } from '../declarations/judgeDeclaration';
import { actorOf } from './actorOf';
import { locationOf } from './locationOf';
import { notifyChange } from './notifyChange';
import type {
  EventTypeRegistry,
  ParsedDeclaration,
  RegistryOptions,
  WriteOutcome,
} from './types';
import { applyDeclaration, insertDeclaration } from './writeDeclaration';

/** The registry on Postgres. It checks no permissions; see the decorator. */
export class DefaultEventTypeRegistry implements EventTypeRegistry {
  readonly #db: Knex;
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #events: EventsService;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    db: Knex;
    auth: AuthService;
    catalog: CatalogService;
    events: EventsService;
    logger: LoggerService;
    now?: () => Date;
  }) {
    this.#db = options.db;
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#events = options.events;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => new Date());
  }

  async listItems(
    request: Parameters<EventTypeRegistry['listItems']>[0],
  ): Promise<EventTypeListItem[]> {
    return await listEventTypeItems(this.#db, { filter: request.filter });
  }

  async list(
    request: Parameters<EventTypeRegistry['list']>[0],
  ): Promise<EventType[]> {
    return await listEventTypes(this.#db, { filter: request.filter });
  }

  async listGenerations(
    request: Parameters<EventTypeRegistry['listGenerations']>[0],
  ): Promise<EventTypeGeneration[]> {
    return await listGenerations(this.#db, { filter: request.filter });
  }

  async get(request: { name: string }): Promise<EventType> {
    const { name } = request;
    const [[eventType], problems] = await Promise.all([
      listEventTypes(this.#db, { names: [name] }),
      findProblems(this.#db, { eventType: name }),
    ]);
    if (!eventType) {
      throw new EventTypeNotFoundError(name, problems);
    }
    return problems.length
      ? { ...eventType, declarationProblems: problems }
      : eventType;
  }

  async listVersions(request: { name: string }): Promise<EventTypeVersion[]> {
    const versions = await listVersions(this.#db, { eventType: request.name });
    if (!versions.length) {
      throw new EventTypeNotFoundError(request.name);
    }
    return versions;
  }

  async create(
    request: { declaration: ParsedDeclaration },
    options: RegistryOptions,
  ): Promise<EventType> {
    const { declaration } = request;
    const { name } = declaration;
    await this.#assertNotDeclaredInCatalog(name, options);
    await this.#assertOwnerExists(declaration.owner, options);
    await this.#assertSystemExists(declaration, options);

    const isInserted = await this.#db.transaction(tx =>
      insertDeclaration(tx, {
        declaration,
        origin: 'portal',
        by: actorOf(this.#auth, options.credentials),
        at: this.#now(),
      }),
    );
    if (!isInserted) {
      throw new DeclarationConflictError([
        problem(
          'name_taken',
          '/name',
          `There is an event type '${name}' already`,
        ),
      ]);
    }
    await this.#notify(name);
    return await this.get({ name });
  }

  async update(
    request: { declaration: ParsedDeclaration; ifGeneration?: number },
    options: RegistryOptions,
  ): Promise<{ eventType: EventType; outcome: WriteOutcome }> {
    const { declaration, ifGeneration } = request;
    const { name } = declaration;
    const before = await this.get({ name });
    if (before.owner !== declaration.owner) {
      await this.#assertOwnerExists(declaration.owner, options);
    }
    if (before.system !== declaration.details?.system) {
      await this.#assertSystemExists(declaration, options);
    }

    const outcome = await this.#db.transaction(async tx => {
      const current = await lockEventType(tx, { name });
      if (!current) {
        throw new EventTypeNotFoundError(name);
      }
      // An orphaned one has no declaration in the catalog any more.
      if (current.row.origin === 'catalog' && !current.row.orphaned_at) {
        throw new DeclarationConflictError([
          problem(
            'declared_in_catalog',
            '',
            `Event type '${name}' is declared in ${
              current.row.location ?? 'the catalog'
            }; change it there`,
          ),
        ]);
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
      return await applyDeclaration(tx, {
        current,
        declaration,
        origin: 'portal',
        by: actorOf(this.#auth, options.credentials),
        at: this.#now(),
      });
    });
    if (outcome !== 'unchanged') {
      await this.#notify(name);
    }
    return { eventType: await this.get({ name }), outcome };
  }

  async #assertOwnerExists(
    owner: string,
    options: RegistryOptions,
  ): Promise<void> {
    const entity = await this.#catalog.getEntityByRef(owner, options);
    if (!entity) {
      throw new InvalidDeclarationError([
        problem(
          'owner_not_found',
          '/owner',
          `There is no ${owner} in the catalog`,
        ),
      ]);
    }
  }

  async #assertSystemExists(
    declaration: ParsedDeclaration,
    options: RegistryOptions,
  ): Promise<void> {
    const system = declaration.details?.system;
    if (system && !(await this.#catalog.getEntityByRef(system, options))) {
      throw new InvalidDeclarationError([systemNotFound(system, '/system')]);
    }
  }

  /**
   * YAML beside the code may have claimed the name without having been taken
   * in yet; registering it here would leave two declarations of one name.
   */
  async #assertNotDeclaredInCatalog(
    name: string,
    options: RegistryOptions,
  ): Promise<void> {
    const entity = await this.#catalog.getEntityByRef(
      eventTypeEntityRef(name),
      options,
    );
    if (
      entity &&
      entity.metadata.annotations?.[ANNOTATION_ORIGIN] !== ORIGIN_PORTAL
    ) {
      throw new DeclarationConflictError([
        problem(
          'name_taken',
          '/name',
          `Event type '${name}' is declared in ${
            locationOf(entity) ?? 'the catalog'
          }`,
        ),
      ]);
    }
  }

  async #notify(name: string): Promise<void> {
    await notifyChange({
      events: this.#events,
      logger: this.#logger,
      name,
    });
  }
}
