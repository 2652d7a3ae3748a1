import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import type {
  DeclarationProblem,
  DeprecationRequest,
  EventType,
  EventTypeEvolution,
  EventTypeReader,
  KnownReaders,
  MajorState,
  MajorVersion,
  SchemaVerdict,
  VersionDiff,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import type { ReadersOf } from '@millrace/plugin-event-types-node';
import {
  COMPATIBILITY_MODES,
  type EventSchema,
  isLoosening,
  judgePrivacy,
  keepAnnotations,
  parseEventSchema,
  summarizeFields,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { listEventTypes } from '../database/operations/eventTypes/listEventTypes';
import {
  type LockedEventType,
  lockEventType,
} from '../database/operations/eventTypes/lockEventType';
import { retireEventType } from '../database/operations/eventTypes/retireEventType';
import { setCompatibility } from '../database/operations/eventTypes/setCompatibility';
import { setDeprecation } from '../database/operations/eventTypes/setDeprecation';
import { findMajor } from '../database/operations/majors/findMajor';
import { insertMajor } from '../database/operations/majors/insertMajor';
import { recordStep } from '../database/operations/majors/recordStep';
import { listVersions } from '../database/operations/versions/listVersions';
import {
  ChangeNotAllowedError,
  DeclarationConflictError,
  EventTypeNotFoundError,
  InvalidDeclarationError,
  problem,
  problemsOf,
  VersionNotFoundError,
} from '../errors';
import type { RegistryOptions } from '../registry';
import { actorOf } from '../registry/actorOf';
import { compareWithVersions } from '../registry/compareWithVersions';
import { createPacer } from '../registry/createPacer';
import { notifyChange } from '../registry/notifyChange';
import {
  applyDeclaration,
  assertMayChange,
  insertDeclaration,
  sealingSchemaOf,
} from '../registry/writeDeclaration';
import { assertDeclarable, toProblem } from '../declarations/judgeDeclaration';
import { judgeNext } from './judgeNext';
import { nextMajorName } from './majorName';
import { StepCache } from './StepCache';
import { toVersionDiff } from './toVersionDiff';
import type { EventTypeEvolver, IfGeneration } from './types';

/** The state before each step that a person takes. */
const STEP_AFTER: Record<'consumers-moved' | 'retired', MajorState> = {
  'consumers-moved': 'dual-write',
  retired: 'consumers-moved',
};

/** Evolution on Postgres. It checks no permissions; see the decorator. */
export class DefaultEventTypeEvolver implements EventTypeEvolver {
  readonly #db: Knex;
  readonly #auth: AuthService;
  readonly #events: EventsService;
  readonly #logger: LoggerService;
  readonly #readersOf: () => ReadersOf | undefined;
  readonly #now: () => Date;
  readonly #steps = new StepCache();

  constructor(options: {
    db: Knex;
    auth: AuthService;
    events: EventsService;
    logger: LoggerService;
    readersOf?: () => ReadersOf | undefined;
    now?: () => Date;
  }) {
    this.#db = options.db;
    this.#auth = options.auth;
    this.#events = options.events;
    this.#logger = options.logger;
    this.#readersOf = options.readersOf ?? (() => undefined);
    this.#now = options.now ?? (() => new Date());
  }

  async describe(
    { name }: { name: string },
    options: RegistryOptions,
  ): Promise<EventTypeEvolution> {
    const eventType = await this.#get(name);
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
      readers: await this.#findReaders(name, [], options),
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
      return await this.#judge({ name, schema, samples, isBare }, options);
    }
    return {
      outcome: 'invalid',
      mode: modeOf(await this.#get(name)),
      problems,
      privacy: [],
      differences: [],
      modes: [],
      readers: await this.#findReaders(name, [], options),
      fields: [],
    };
  }

  async #judge(
    request: {
      name: string;
      schema: EventSchema;
      samples?: readonly unknown[];
      isBare?: boolean;
    },
    options: RegistryOptions,
  ): Promise<SchemaVerdict> {
    const { name, samples, isBare } = request;
    const eventType = await this.#get(name);
    const schema = isBare
      ? keepAnnotations(request.schema, parseEventSchema(eventType.schema))
      : request.schema;
    const against = await compareWithVersions(this.#db, {
      eventType: name,
      next: schema,
      mode: 'all',
    });
    const found = judgePrivacy(schema, {
      before: against[0]?.schema,
      samples,
    });
    const verdict: Omit<SchemaVerdict, 'readers'> = {
      ...judgeNext({
        eventType,
        next: schema,
        mode: modeOf(eventType),
        against,
      }),
      // A word that nobody knows is a problem, and nothing to decide.
      privacy: found.flatMap(({ code, pointer, path, suggestion }) =>
        code === 'undecided_personal_field' && suggestion
          ? [{ pointer, path, ...suggestion }]
          : [],
      ),
    };
    if (verdict.outcome === 'new-version') {
      const problems = [
        ...findOtherProblems(eventType, schema),
        ...found.map(each => toProblem(each, '/schema')),
      ];
      if (problems.length) {
        verdict.outcome = 'refused';
        verdict.version = undefined;
        verdict.problems = problems;
      }
    }
    const broken = verdict.differences
      .filter(({ isBreaking }) => isBreaking)
      .map(({ path }) => path);
    return {
      ...verdict,
      readers: await this.#findReaders(name, broken, options),
    };
  }

  async publish(
    request: Parameters<EventTypeEvolver['publish']>[0],
    options: RegistryOptions,
  ): Promise<EventType> {
    const { name, schema } = request;
    return await this.#change(request, async (tx, current) => {
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
    return await this.#change(request, async (tx, { row }) => {
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
    return await this.#change(request, async (tx, { row }) => {
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

  async requestMajor(
    request: Parameters<EventTypeEvolver['requestMajor']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, schema, reason } = request;
    const eventType = await this.#get(name);
    const verdict = await this.#judge({ name, schema }, options);
    const isBackward = verdict.modes.some(
      ({ mode, isCompatible }) => mode === 'backward' && isCompatible,
    );
    assertDeclarable({
      name,
      owner: eventType.owner,
      tier: eventType.tier,
      description: eventType.description,
      schema,
    });
    // A mode that lets a breaking version pass does not make one needless.
    if (verdict.outcome !== 'refused' && isBackward) {
      throw new DeclarationConflictError([
        problem(
          'not_breaking',
          '/schema',
          verdict.outcome === 'nothing'
            ? 'The schema is the newest version; there is nothing to change'
            : `The schema can be published as version ${verdict.version}; no new major version is needed`,
        ),
      ]);
    }
    const successor = nextMajorName(name);
    await this.#change(request, async tx => {
      const major = await insertMajor(tx, {
        predecessor: name,
        successor,
        reason,
        schema: schema.avro,
        fields: summarizeFields(schema),
      });
      if (!major) {
        throw new DeclarationConflictError([
          problem(
            'major_under_way',
            '',
            `Event type '${name}' is on its way to '${successor}' already`,
          ),
        ]);
      }
      await recordStep(tx, {
        major,
        state: 'requested',
        at: this.#now(),
        by: actorOf(this.#auth, options.credentials),
        note: reason,
      });
      return true;
    });
    return await this.#getMajor(name);
  }

  async decideMajor(
    request: Parameters<EventTypeEvolver['decideMajor']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, isApproved, note } = request;
    const by = actorOf(this.#auth, options.credentials);
    let successor: string | undefined;
    await this.#change(request, async (tx, current) => {
      const major = await findMajor(tx, { predecessor: name });
      if (major?.state !== 'requested') {
        throw new DeclarationConflictError([
          problem(
            'no_major_request',
            '',
            `Nobody asks for a new major version of event type '${name}'`,
          ),
        ]);
      }
      if (major.steps[0].by === by) {
        throw new ChangeNotAllowedError([
          problem(
            'own_request',
            '',
            'You asked for this breaking change; somebody else has to decide',
          ),
        ]);
      }
      const at = this.#now();
      const state = isApproved ? 'dual-write' : 'refused';
      await recordStep(tx, { major: major.id, state, at, by, note });
      if (isApproved) {
        await this.#registerSuccessor(tx, current, major, { at, by });
        successor = major.successor;
      }
      return true;
    });
    if (successor) {
      await this.#notify(successor);
    }
    return await this.#getMajor(name);
  }

  async takeStep(
    request: Parameters<EventTypeEvolver['takeStep']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, step, note } = request;
    const by = actorOf(this.#auth, options.credentials);
    await this.#change(request, async (tx, { row }) => {
      const major = await findMajor(tx, { predecessor: name });
      if (!major || major.state !== STEP_AFTER[step]) {
        throw new DeclarationConflictError([
          problem(
            'wrong_step',
            '/step',
            major
              ? `The move to '${major.successor}' is at '${major.state}'; '${step}' comes after '${STEP_AFTER[step]}'`
              : `Event type '${name}' is not on its way to a new major version`,
          ),
        ]);
      }
      const at = this.#now();
      await recordStep(tx, { major: major.id, state: step, at, by, note });
      if (step === 'retired') {
        const generation = row.generation + 1;
        await retireEventType(tx, { name, generation, at, by });
      }
      return true;
    });
    return await this.#getMajor(name);
  }

  /** With the owner, tier, description and mode of what it succeeds. */
  async #registerSuccessor(
    tx: Knex.Transaction,
    { row }: LockedEventType,
    major: MajorVersion,
    { at, by }: { at: Date; by: string },
  ): Promise<void> {
    const isInserted = await insertDeclaration(tx, {
      declaration: {
        name: major.successor,
        description: row.description ?? undefined,
        owner: row.owner,
        tier: row.tier,
        schema: parseEventSchema(major.schema),
      },
      origin: 'portal',
      compatibility: row.compatibility,
      at,
      by,
    });
    if (!isInserted) {
      throw new DeclarationConflictError([
        problem(
          'name_taken',
          '/name',
          `There is an event type '${major.successor}' already`,
        ),
      ]);
    }
    await setDeprecation(tx, {
      name: row.name,
      deprecation: {
        message: major.reason,
        successor: major.successor,
        endsOn: row.deprecation_ends_on ?? undefined,
      },
      since: row.deprecated_at ?? at,
      generation: row.generation + 1,
      at,
      by,
    });
  }

  /**
   * Runs a change on the locked event type and tells of it.
   *
   * @param change - gives whether anything changed
   */
  async #change(
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
      await this.#notify(name);
    }
    return await this.#get(name);
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

  async #findReaders(
    eventType: string,
    broken: readonly string[],
    options: RegistryOptions,
  ): Promise<KnownReaders> {
    const readersOf = this.#readersOf();
    if (!readersOf) {
      return { isKnown: false };
    }
    let readers: EventTypeReader[];
    try {
      readers = await readersOf.readersOf({ eventType }, options);
    } catch (error) {
      // Who reads is told beside the verdict; it must not take it away.
      this.#logger.warn(
        `Who reads event type '${eventType}' could not be found out`,
        toError(error),
      );
      return { isKnown: false };
    }
    return {
      isKnown: true,
      readers: readers.map(reader => ({
        ...reader,
        isAffected: isAffected(reader.fields, broken),
      })),
    };
  }

  async #get(name: string): Promise<EventType> {
    const [eventType] = await listEventTypes(this.#db, { names: [name] });
    if (!eventType) {
      throw new EventTypeNotFoundError(name);
    }
    return eventType;
  }

  async #getMajor(name: string): Promise<MajorVersion> {
    const major = await findMajor(this.#db, { predecessor: name });
    if (!major) {
      throw new EventTypeNotFoundError(name);
    }
    return toMajorVersion(major);
  }

  async #notify(name: string): Promise<void> {
    await notifyChange({ events: this.#events, logger: this.#logger, name });
  }
}

function modeOf(eventType: EventType): EventTypeEvolution['mode'] {
  return eventType.compatibility ?? 'backward-transitive';
}

function isUnderWay({ state }: MajorVersion): boolean {
  return state !== 'requested' && state !== 'refused';
}

/** What keeps a compatible schema from being published. */
function findOtherProblems(
  eventType: EventType,
  next: EventSchema,
): DeclarationProblem[] {
  const { name, sealingSchema, schema } = eventType;
  try {
    const dateOf = (text?: string) => (text ? new Date(text) : null);
    assertMayChange({
      name,
      retired_at: dateOf(eventType.retiredAt),
      withdrawn_at: dateOf(eventType.withdrawal?.since),
      archived_at: dateOf(eventType.archivedAt),
    });
    sealingSchemaOf(next, sealingSchema ?? schema);
    return [];
  } catch (error) {
    const problems = problemsOf(error);
    if (!problems) {
      throw error;
    }
    return problems;
  }
}

/** Without the key it has in the database. */
function toMajorVersion(major: MajorVersion & { id: string }): MajorVersion {
  const { id: _, ...rest } = major;
  return rest;
}

/** Who reads a record reads what is in it; unknown fields may be any. */
function isAffected(
  fields: readonly string[] | undefined,
  broken: readonly string[],
): boolean {
  const isWithin = (inner: string, outer: string) =>
    inner === outer ||
    (inner.startsWith(outer) && /^[.[{]/.test(inner.slice(outer.length)));
  return broken.some(
    path =>
      !fields ||
      fields.some(field => isWithin(path, field) || isWithin(field, path)),
  );
}
