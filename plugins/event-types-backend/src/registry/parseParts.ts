import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  type DeclarationProblem,
  TIERS,
  type Tier,
} from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  SchemaError,
  parseEventTypeName,
} from '@millrace/schema';
import type { SchemaCompiler, SchemaSource } from '../compiling';
import { type DeclarationProblemCode, problem } from '../errors';

/**
 * What parsing one part gave: a value or problems, so that the problems of all
 * parts can be told at once.
 */
export interface Parsed<T> {
  value?: T;
  problems: DeclarationProblem[];
}

function refused(
  code: DeclarationProblemCode,
  pointer: string,
  message: string,
): Parsed<never> {
  return { problems: [problem(code, pointer, message)] };
}

/** The name of an event type. */
export function parseName(value: unknown, pointer: string): Parsed<string> {
  if (value === undefined) {
    return refused('missing_property', pointer, 'The name is missing');
  }
  try {
    return { value: parseEventTypeName(value), problems: [] };
  } catch (error) {
    if (error instanceof SchemaError) {
      return {
        problems: [{ code: error.code, pointer, message: error.message }],
      };
    }
    throw error;
  }
}

/**
 * The owner as canonical entity reference; a bare name means a group in the
 * default namespace.
 */
export function parseOwner(value: unknown, pointer: string): Parsed<string> {
  if (value === undefined || value === '') {
    return refused('missing_property', pointer, 'The owner is missing');
  }
  if (typeof value !== 'string') {
    return refused('wrong_type', pointer, 'The owner must be a string');
  }
  try {
    const ref = parseEntityRef(value, {
      defaultKind: 'group',
      defaultNamespace: 'default',
    });
    const kind = ref.kind.toLocaleLowerCase('en-US');
    if (kind === 'group' || kind === 'user') {
      return { value: stringifyEntityRef(ref), problems: [] };
    }
  } catch {
    // Falls through: either way it is not a reference to an owner.
  }
  return refused(
    'invalid_value',
    pointer,
    "The owner must be a group or user, such as 'group:default/webhooks'",
  );
}

/** The tier of an event type. */
export function parseTier(value: unknown, pointer: string): Parsed<Tier> {
  if (value === undefined) {
    return refused('missing_property', pointer, 'The tier is missing');
  }
  const tier = TIERS.find(candidate => candidate === value);
  return tier
    ? { value: tier, problems: [] }
    : refused(
        'invalid_value',
        pointer,
        `The tier must be one of ${TIERS.join(', ')}`,
      );
}

/** The description, if there is one. */
export function parseDescription(
  value: unknown,
  pointer: string,
): Parsed<string> {
  if (value === undefined || value === '') {
    return { problems: [] };
  }
  if (typeof value !== 'string') {
    return refused('wrong_type', pointer, 'The description must be a string');
  }
  // Postgres cannot store this one character.
  return value.includes('\0')
    ? refused('invalid_value', pointer, 'The description must not contain NUL')
    : { value, problems: [] };
}

/** A schema; pointers of the problems begin with `pointer`. */
export async function parseSchema(
  source: SchemaSource,
  pointer: string,
  compiler: SchemaCompiler,
): Promise<Parsed<EventSchema>> {
  const { value, problems } = await compiler.compile(source);
  return {
    value,
    problems: problems.map(found => ({
      ...found,
      pointer: `${pointer}${found.pointer}`,
    })),
  };
}

/** A schema given as Avro record. */
export async function parseAvroSchema(
  value: unknown,
  pointer: string,
  compiler: SchemaCompiler,
): Promise<Parsed<EventSchema>> {
  return value === undefined
    ? refused('missing_property', pointer, 'The schema is missing')
    : await parseSchema({ kind: 'avro', schema: value }, pointer, compiler);
}
