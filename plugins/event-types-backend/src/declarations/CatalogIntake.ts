import type {
  AuditorService,
  AuthService,
  BackstageCredentials,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { SchemaCompiler } from '../compiling';
import { keepProblemsOf } from '../database/operations/declarationProblems/keepProblemsOf';
import { recordProblems } from '../database/operations/declarationProblems/recordProblems';
import { InvalidDeclarationError, problem, problemsOf } from '../errors';
import { listDeclaredNames } from '../database/operations/eventTypes/listDeclaredNames';
import { markOrphaned } from '../database/operations/eventTypes/markOrphaned';
import { locationOf } from '../registry/locationOf';
import { notifyChange } from '../registry/notifyChange';
import { systemNotFound } from './judgeDeclaration';
import {
  type DeclarationHead,
  listDeclarationHeads,
  readDeclarations,
} from './listDeclarations';
import { parseDeclaration } from './parseDeclaration';
import { type IntakeOutcome, takeIn } from './takeIn';

/** What the intake has to know of the installation. */
export interface IntakeSettings {
  /** The ids of the retention classes there are. */
  retentionClasses: readonly string[];
  /** How long a declaration has to be gone before its event type is orphaned. */
  orphanAfterMs: number;
}

const ACTIONS: { [outcome in IntakeOutcome]: string } = {
  created: 'create',
  updated: 'update',
  unchanged: 'update',
  adopted: 'adopt',
};

/** Under this name the intake's changes are recorded. */
const INTAKE_ACTOR = 'plugin:event-types';

/**
 * Takes the event types declared in the catalog (`kind: EventType`) into the
 * registry.
 *
 * One pass compares every declaration with what is registered. Guarantees:
 *
 * - Level-triggered: a pass needs no memory of earlier ones, so a crash, a lost
 *   hint or a second instance of the backend does no harm. The remembered etags
 *   only save work.
 * - A bad declaration is recorded with its problems and logged once, keeps the
 *   last good one in force, is tried again in every pass (its owner may appear
 *   later), and never holds up the others.
 * - The repository owns what it declares: an event type of the portal that is
 *   declared for the same owner passes into its hands, recorded and audited. For
 *   another owner it is not taken over.
 * - A declaration that has been gone for a while leaves its event type orphaned:
 *   registered and delivering as before, and marked. Whether the data behind it
 *   may go is not for the absence of a file to decide. When it comes back, the
 *   mark goes.
 */
export class CatalogIntake {
  readonly #options: {
    db: Knex;
    auth: AuthService;
    auditor: AuditorService;
    catalog: CatalogService;
    compiler: SchemaCompiler;
    events: EventsService;
    logger: LoggerService;
    settings: IntakeSettings;
    now?: () => Date;
  };

  /** The etags of declarations that are in force, by entity reference. */
  #inForce = new Map<string, string>();
  /** The message last logged for a bad declaration, by entity reference. */
  #logged = new Map<string, string>();
  /** Since when a declaration has been missing, by event type; ms. */
  #missingSince = new Map<string, number>();
  #passFailure: string | undefined;

  constructor(options: {
    db: Knex;
    auth: AuthService;
    auditor: AuditorService;
    catalog: CatalogService;
    compiler: SchemaCompiler;
    events: EventsService;
    logger: LoggerService;
    settings: IntakeSettings;
    now?: () => Date;
  }) {
    this.#options = options;
  }

  /**
   * Runs one pass. Never throws: what stops a whole pass (the catalog is still
   * starting, say) is logged when it begins and again when it is over.
   */
  async run(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#pass();
      if (this.#passFailure !== undefined) {
        logger.info('Event types of the catalog are taken in again');
        this.#passFailure = undefined;
      }
    } catch (error) {
      const failure = toError(error).message;
      if (failure !== this.#passFailure) {
        logger.warn(
          `Could not take in the event types of the catalog, will try again: ${failure}`,
        );
        this.#passFailure = failure;
      }
    }
  }

  async #pass(): Promise<void> {
    const { auth, catalog, db } = this.#options;
    const credentials = await auth.getOwnServiceCredentials();
    const heads = await listDeclarationHeads({ catalog, credentials });

    const inForce = new Map<string, string>();
    const toRead: DeclarationHead[] = [];
    for (const head of heads) {
      const etag = this.#inForce.get(head.entityRef);
      if (etag !== undefined && etag === head.etag) {
        inForce.set(head.entityRef, etag);
      } else {
        toRead.push(head);
      }
    }

    const bad = new Map<string, string>();
    const declarations = readDeclarations({
      catalog,
      credentials,
      heads: toRead,
    });
    for await (const { head, entity } of declarations) {
      const problems = await this.#takeInOne(entity, credentials);
      if (problems.length) {
        await this.#recordBad(head, entity, problems);
        bad.set(head.entityRef, JSON.stringify(problems));
      } else if (entity.metadata.etag !== undefined) {
        inForce.set(head.entityRef, entity.metadata.etag);
      }
    }
    await keepProblemsOf(db, { entityRefs: [...bad.keys()] });
    await this.#markOrphans(new Set(heads.map(head => head.name)));
    this.#inForce = inForce;
    this.#logged = bad;
  }

  /** @returns what is wrong with the declaration, if anything */
  async #takeInOne(
    entity: Entity,
    credentials: BackstageCredentials,
  ): Promise<DeclarationProblem[]> {
    const {
      catalog,
      compiler,
      now = () => new Date(),
      ...services
    } = this.#options;
    try {
      const { retentionClasses } = this.#options.settings;
      const declaration = await parseDeclaration(entity, compiler, {
        retentionClasses,
      });
      const owner = await catalog.getEntityByRef(declaration.owner, {
        credentials,
      });
      if (!owner) {
        throw new InvalidDeclarationError([
          problem(
            'owner_not_found',
            '/spec/owner',
            `There is no ${declaration.owner} in the catalog`,
          ),
        ]);
      }
      const { system } = declaration.details ?? {};
      if (system && !(await catalog.getEntityByRef(system, { credentials }))) {
        throw new InvalidDeclarationError([
          systemNotFound(system, '/spec/system'),
        ]);
      }
      const location = locationOf(entity);
      const outcome = await takeIn({
        ...services,
        declaration,
        location,
        by: INTAKE_ACTOR,
        at: now(),
      });
      if (outcome !== 'unchanged') {
        // Whether there is something to audit is known only afterwards: most
        // passes find every declaration in force.
        const event = await services.auditor.createEvent({
          eventId: 'event-type-mutate',
          severityLevel: 'medium',
          meta: {
            actionType: ACTIONS[outcome],
            eventType: declaration.name,
            origin: 'catalog',
            ...(location && { location }),
          },
        });
        await event.success();
      }
      return [];
    } catch (error) {
      // Whatever one declaration runs into must not hold up the others. When
      // it is the database that is down, recording the problem ends the pass.
      return (
        problemsOf(error) ?? [
          problem('intake_failed', '', toError(error).message),
        ]
      );
    }
  }

  /**
   * Marks what is declared nowhere any more. A declaration may be missing for a
   * moment while the catalog reads its sources anew, so it has to stay away for
   * a while; a restart begins to wait anew.
   */
  async #markOrphans(declared: ReadonlySet<string>): Promise<void> {
    const { auditor, db, events, logger, settings } = this.#options;
    const { now = () => new Date() } = this.#options;
    const at = now();
    const missing = (await listDeclaredNames(db)).filter(
      name => !declared.has(name),
    );
    this.#missingSince = new Map(
      missing.map(name => [name, this.#missingSince.get(name) ?? at.getTime()]),
    );
    const names = missing.filter(
      name =>
        at.getTime() - (this.#missingSince.get(name) ?? at.getTime()) >=
        settings.orphanAfterMs,
    );
    if (!names.length) {
      return;
    }
    for (const name of await markOrphaned(db, {
      names,
      at,
      by: INTAKE_ACTOR,
    })) {
      logger.warn(
        `Event type '${name}' is orphaned: its declaration is gone from the catalog`,
      );
      const event = await auditor.createEvent({
        eventId: 'event-type-mutate',
        severityLevel: 'medium',
        meta: { actionType: 'orphan', eventType: name, origin: 'catalog' },
      });
      await event.success();
      await notifyChange({ events, logger, name });
    }
  }

  async #recordBad(
    head: DeclarationHead,
    entity: Entity,
    problems: DeclarationProblem[],
  ): Promise<void> {
    const { db, logger, now = () => new Date() } = this.#options;
    const content = JSON.stringify(problems);
    if (this.#logged.get(head.entityRef) === content) {
      return;
    }
    await recordProblems(db, {
      entityRef: head.entityRef,
      eventType: head.name,
      location: locationOf(entity),
      problems,
      at: now(),
    });
    logger.warn(
      `The declaration ${head.entityRef} was not taken in: ${problems
        .map(({ pointer, message }) => `${pointer}: ${message}`)
        .join('; ')}`,
    );
  }
}
