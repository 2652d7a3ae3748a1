import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type {
  DeprecationRequest,
  EventType,
  EventTypeEvolution,
  MajorVersion,
  SchemaVerdict,
  VersionDiff,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import type { ReadersOf } from '@millrace/plugin-event-types-node';
import { COMPATIBILITY_MODES, isLoosening } from '@millrace/schema';
import type { Knex } from 'knex';
import { listEventTypes } from '../database/operations/eventTypes/listEventTypes';
import { setCompatibility } from '../database/operations/eventTypes/setCompatibility';
import { setDeprecation } from '../database/operations/eventTypes/setDeprecation';
import { findMajor } from '../database/operations/majors/findMajor';
import { listVersions } from '../database/operations/versions/listVersions';
import {
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  problem,
  VersionNotFoundError,
} from '../errors';
import type { RegistryOptions } from '../registry';
import { actorOf } from '../registry/actorOf';
import { createPacer } from '../registry/createPacer';
import { applyDeclaration } from '../registry/writeDeclaration';
import { EventTypeChanges } from './EventTypeChanges';
import { getEventType } from './getEventType';
import { MajorMoves, toMajorVersion } from './MajorMoves';
import { SchemaJudge, modeOf } from './SchemaJudge';
import { StepCache } from './StepCache';
import { toVersionDiff } from './toVersionDiff';
import type { EventTypeEvolver } from './types';

/** Evolution on Postgres. It checks no permissions; see the decorator. */
export class DefaultEventTypeEvolver implements EventTypeEvolver {
  readonly #db: Knex;
  readonly #auth: AuthService;
  readonly #now: () => Date;
  readonly #judge: SchemaJudge;
  readonly #changes: EventTypeChanges;
  readonly #moves: MajorMoves;
  readonly #steps = new StepCache();

  constructor(options: {
    db: Knex;
    auth: AuthService;
    events: EventsService;
    logger: LoggerService;
    readersOf?: () => ReadersOf | undefined;
    now?: () => Date;
  }) {
    const {
      readersOf = () => undefined,
      now = () => new Date(),
      ...deps
    } = options;
    this.#db = deps.db;
    this.#auth = deps.auth;
    this.#now = now;
    this.#judge = new SchemaJudge({ ...deps, readersOf });
    this.#changes = new EventTypeChanges(deps);
    this.#moves = new MajorMoves({
      ...deps,
      now,
      judge: this.#judge,
      changes: this.#changes,
    });
  }

  async describe(
    { name }: { name: string },
    options: RegistryOptions,
  ): Promise<EventTypeEvolution> {
    const eventType = await getEventType(this.#db, name);
    const mode = modeOf(eventType);
    const [succeededBy, succeeds] = await Promise.all([
      findMajor(this.#db, { predecessor: name }),
      findMajor(this.#db, { successor: name }),
    ]);
    return {
      mode,
      modes: COMPATIBILITY_MODES.map(each => ({
        mode: each,
        isLoosening: isLoosening(mode, each),
      })),
      deprecation: eventType.deprecation,
      retiredAt: eventType.retiredAt,
      succeededBy: succeededBy && toMajorVersion(succeededBy),
      // Before it is approved, another event type may come to have the name.
      succeeds:
        succeeds && isUnderWay(succeeds) ? toMajorVersion(succeeds) : undefined,
      readers: await this.#judge.findReaders(name, [], options),
    };
  }

  async listSteps({ name }: { name: string }): Promise<VersionWithStep[]> {
    const versions = await listVersions(this.#db, { eventType: name });
    if (!versions.length) {
      throw new EventTypeNotFoundError(name);
    }
    const pace = createPacer();
    const steps: VersionWithStep[] = [];
    for (const [index, { mode, ...version }] of versions.entries()) {
      const before = versions[index + 1];
      steps.push(
        before
          ? {
              ...version,
              step: { mode, ...this.#steps.get(name, before, version) },
            }
          : version,
      );
      await pace();
    }
    return steps;
  }

  async diff(request: {
    name: string;
    from: number;
    to: number;
  }): Promise<VersionDiff> {
    const { name } = request;
    const versions = await listVersions(this.#db, { eventType: name });
    const [from, to] = [request.from, request.to].map(wanted => {
      const found = versions.find(({ version }) => version === wanted);
      if (!found) {
        throw new VersionNotFoundError(name, wanted);
      }
      return found;
    });
    return toVersionDiff(from, to);
  }

  async judge(
    { name, read }: Parameters<EventTypeEvolver['judge']>[0],
    options: RegistryOptions,
  ): Promise<SchemaVerdict> {
    const { schema, problems, samples, isBare } = await read();
    if (schema && !problems.length) {
      return await this.#judge.judge(
        { name, schema, samples, isBare },
        options,
      );
    }
    return {
      outcome: 'invalid',
      mode: modeOf(await getEventType(this.#db, name)),
      problems,
      privacy: [],
      differences: [],
      modes: [],
      readers: await this.#judge.findReaders(name, [], options),
      fields: [],
    };
  }

  async publish(
    request: Parameters<EventTypeEvolver['publish']>[0],
    options: RegistryOptions,
  ): Promise<EventType> {
    const { name, schema } = request;
    return await this.#changes.run(request, async (tx, current) => {
      const { origin, location, description, owner, tier } = current.row;
      if (origin === 'catalog') {
        throw new DeclarationConflictError([
          problem(
            'declared_in_catalog',
            '',
            `Event type '${name}' is declared in ${
              location ?? 'the catalog'
            }; change it there`,
          ),
        ]);
      }
      const outcome = await applyDeclaration(tx, {
        current,
        declaration: {
          name,
          description: description ?? undefined,
          owner,
          tier,
          schema,
        },
        at: this.#now(),
        by: actorOf(this.#auth, options.credentials),
      });
      return outcome !== 'unchanged';
    });
  }

  async setMode(
    request: Parameters<EventTypeEvolver['setMode']>[0],
    options: RegistryOptions,
  ): Promise<EventType> {
    const { name, mode } = request;
    return await this.#changes.run(request, async (tx, { row }) => {
      if (row.compatibility === mode) {
        return false;
      }
      await setCompatibility(tx, {
        name,
        compatibility: mode,
        generation: row.generation + 1,
        at: this.#now(),
        by: actorOf(this.#auth, options.credentials),
      });
      return true;
    });
  }

  async setDeprecation(
    request: Parameters<EventTypeEvolver['setDeprecation']>[0],
    options: RegistryOptions,
  ): Promise<EventType> {
    const { name, deprecation } = request;
    return await this.#changes.run(request, async (tx, { row }) => {
      if (deprecation) {
        await this.#assertSuccessorExists(tx, name, deprecation);
      } else if (!row.deprecated_at) {
        return false;
      }
      const at = this.#now();
      await setDeprecation(tx, {
        name,
        deprecation,
        since: row.deprecated_at ?? at,
        generation: row.generation + 1,
        at,
        by: actorOf(this.#auth, options.credentials),
      });
      return true;
    });
  }

  async #assertSuccessorExists(
    tx: Knex.Transaction,
    name: string,
    { successor }: DeprecationRequest,
  ): Promise<void> {
    if (successor === undefined) {
      return;
    }
    const [found] = await listEventTypes(tx, { names: [successor] });
    if (!found || successor === name) {
      throw new InvalidDeclarationError([
        problem(
          'successor_not_found',
          '/successor',
          `There is no other event type '${successor}'`,
        ),
      ]);
    }
  }

  requestMajor(
    ...args: Parameters<EventTypeEvolver['requestMajor']>
  ): Promise<MajorVersion> {
    return this.#moves.request(...args);
  }

  decideMajor(
    ...args: Parameters<EventTypeEvolver['decideMajor']>
  ): Promise<MajorVersion> {
    return this.#moves.decide(...args);
  }

  takeStep(
    ...args: Parameters<EventTypeEvolver['takeStep']>
  ): Promise<MajorVersion> {
    return this.#moves.takeStep(...args);
  }
}

function isUnderWay({ state }: MajorVersion): boolean {
  return state !== 'requested' && state !== 'refused';
}
