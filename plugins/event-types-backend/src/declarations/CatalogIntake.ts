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
import { locationOf } from '../registry/locationOf';
import {
  type DeclarationHead,
  listDeclarationHeads,
  readDeclarations,
} from './listDeclarations';
import { parseDeclaration } from './parseDeclaration';
import { takeIn } from './takeIn';

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
 * - A name registered through the portal is never taken over.
 *
 * A declaration that disappears leaves its event type registered: whether the
 * data behind it may go is not for the absence of a file to decide.
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
    now?: () => Date;
  };

  /** The etags of declarations that are in force, by entity reference. */
  #inForce = new Map<string, string>();
  /** The message last logged for a bad declaration, by entity reference. */
  #logged = new Map<string, string>();
  #passFailure: string | undefined;

  constructor(options: {
    db: Knex;
    auth: AuthService;
    auditor: AuditorService;
    catalog: CatalogService;
    compiler: SchemaCompiler;
    events: EventsService;
    logger: LoggerService;
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
      const declaration = await parseDeclaration(entity, compiler);
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
            actionType: outcome === 'created' ? 'create' : 'update',
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
