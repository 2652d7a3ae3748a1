import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  DeclarationProblem,
  EventType,
  EventTypeEvolution,
  EventTypeReader,
  KnownReaders,
  SchemaVerdict,
} from '@millrace/plugin-event-types-common';
import type { ReadersOf } from '@millrace/plugin-event-types-node';
import {
  type EventSchema,
  judgePrivacy,
  keepAnnotations,
  parseEventSchema,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { toProblem } from '../declarations/judgeDeclaration';
import { problemsOf } from '../errors';
import type { RegistryOptions } from '../registry';
import { compareWithVersions } from '../registry/compareWithVersions';
import { assertMayChange, sealingSchemaOf } from '../registry/writeDeclaration';
import { getEventType } from './getEventType';
import { judgeNext } from './judgeNext';

/** Gives verdicts on schemas, and finds who reads what they touch. */
export class SchemaJudge {
  readonly #db: Knex;
  readonly #logger: LoggerService;
  readonly #readersOf: () => ReadersOf | undefined;

  constructor(options: {
    db: Knex;
    logger: LoggerService;
    readersOf: () => ReadersOf | undefined;
  }) {
    this.#db = options.db;
    this.#logger = options.logger;
    this.#readersOf = options.readersOf;
  }

  /**
   * What publishing a schema would do at this moment.
   *
   * @throws EventTypeNotFoundError
   */
  async judge(
    request: {
      name: string;
      schema: EventSchema;
      samples?: readonly unknown[];
      isBare?: boolean;
    },
    options: RegistryOptions,
  ): Promise<SchemaVerdict> {
    const { name, samples, isBare } = request;
    const eventType = await getEventType(this.#db, name);
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
      readers: await this.findReaders(name, broken, options),
    };
  }

  /** @param broken - the paths that a change would break for who reads them */
  async findReaders(
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
}

/** The compatibility mode in force. */
export function modeOf(eventType: EventType): EventTypeEvolution['mode'] {
  return eventType.compatibility ?? 'backward-transitive';
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
