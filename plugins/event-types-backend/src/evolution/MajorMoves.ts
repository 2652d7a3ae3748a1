import type { AuthService } from '@backstage/backend-plugin-api';
import type {
  MajorState,
  MajorVersion,
} from '@millrace/plugin-event-types-common';
import { parseEventSchema, summarizeFields } from '@millrace/schema';
import type { Knex } from 'knex';
import type { LockedEventType } from '../database/operations/eventTypes/lockEventType';
import { retireEventType } from '../database/operations/eventTypes/retireEventType';
import { setDeprecation } from '../database/operations/eventTypes/setDeprecation';
import { findMajor } from '../database/operations/majors/findMajor';
import { insertMajor } from '../database/operations/majors/insertMajor';
import { recordStep } from '../database/operations/majors/recordStep';
import { assertDeclarable } from '../declarations/judgeDeclaration';
import {
  ChangeNotAllowedError,
  DeclarationConflictError,
  EventTypeNotFoundError,
  problem,
} from '../errors';
import type { RegistryOptions } from '../registry';
import { actorOf } from '../registry/actorOf';
import { insertDeclaration } from '../registry/writeDeclaration';
import type { EventTypeChanges } from './EventTypeChanges';
import { getEventType } from './getEventType';
import { nextMajorName } from './majorName';
import type { SchemaJudge } from './SchemaJudge';
import type { EventTypeEvolver } from './types';

/** The state before each step that a person takes. */
const STEP_AFTER: Record<'consumers-moved' | 'retired', MajorState> = {
  'consumers-moved': 'dual-write',
  retired: 'consumers-moved',
};

/** The move of an event type to a new major version, step by step. */
export class MajorMoves {
  readonly #db: Knex;
  readonly #auth: AuthService;
  readonly #changes: EventTypeChanges;
  readonly #judge: SchemaJudge;
  readonly #now: () => Date;

  constructor(options: {
    db: Knex;
    auth: AuthService;
    changes: EventTypeChanges;
    judge: SchemaJudge;
    now: () => Date;
  }) {
    this.#db = options.db;
    this.#auth = options.auth;
    this.#changes = options.changes;
    this.#judge = options.judge;
    this.#now = options.now;
  }

  async request(
    request: Parameters<EventTypeEvolver['requestMajor']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, schema, reason } = request;
    const eventType = await getEventType(this.#db, name);
    const verdict = await this.#judge.judge({ name, schema }, options);
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
    await this.#changes.run(request, async tx => {
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
    return await this.#get(name);
  }

  async decide(
    request: Parameters<EventTypeEvolver['decideMajor']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, isApproved, note } = request;
    const by = actorOf(this.#auth, options.credentials);
    let successor: string | undefined;
    await this.#changes.run(request, async (tx, current) => {
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
      await this.#changes.notify(successor);
    }
    return await this.#get(name);
  }

  async takeStep(
    request: Parameters<EventTypeEvolver['takeStep']>[0],
    options: RegistryOptions,
  ): Promise<MajorVersion> {
    const { name, step, note } = request;
    const by = actorOf(this.#auth, options.credentials);
    await this.#changes.run(request, async (tx, { row }) => {
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
    return await this.#get(name);
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

  async #get(name: string): Promise<MajorVersion> {
    const major = await findMajor(this.#db, { predecessor: name });
    if (!major) {
      throw new EventTypeNotFoundError(name);
    }
    return toMajorVersion(major);
  }
}

/** Without the key it has in the database. */
export function toMajorVersion(
  major: MajorVersion & { id: string },
): MajorVersion {
  const { id: _, ...rest } = major;
  return rest;
}
