import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  type DeclarationProblem,
  type SimpleField,
  TIERS,
  type Tier,
} from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  SchemaError,
  parseEventSchema,
  parseEventTypeName,
  schemaFromFields,
} from '@millrace/schema';
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

/** Runs a function of the schema package, turning its errors into problems. */
export function catchSchemaError<T>(pointer: string, run: () => T): Parsed<T> {
  try {
    return { value: run(), problems: [] };
  } catch (error) {
    if (!(error instanceof SchemaError)) {
      throw error;
    }
    const { code, message, problems } = error;
    return {
      problems: problems.length
        ? problems.map(found => ({
            code: found.code,
            pointer: `${pointer}${found.pointer}`,
            message: found.message,
          }))
        : [{ code, pointer, message }],
    };
  }
}

/** The name of an event type. */
export function parseName(value: unknown, pointer: string): Parsed<string> {
  if (value === undefined) {
    return refused('missing_property', pointer, 'The name is missing');
  }
  return catchSchemaError(pointer, () => parseEventTypeName(value));
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

/** A schema given as Avro record. */
export function parseSchema(
  value: unknown,
  pointer: string,
): Parsed<EventSchema> {
  return value === undefined
    ? refused('missing_property', pointer, 'The schema is missing')
    : catchSchemaError(pointer, () => parseEventSchema(value));
}

/**
 * A schema given as simple field list. Field number N of the list becomes field
 * number N of the record, so pointers into the record fit the list as well.
 */
export function parseFields(
  fields: SimpleField[],
  options: { name: string },
): Parsed<EventSchema> {
  return catchSchemaError('', () => schemaFromFields(fields, options));
}
