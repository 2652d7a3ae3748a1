import type {
  DeclarationProblem,
  Tier,
} from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  ruleDescription,
  ruleName,
  ruleOwner,
  ruleTier,
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
export const parseName: (value: unknown, pointer: string) => Parsed<string> =
  ruleName;

/** The owner as canonical entity reference. */
export const parseOwner: (value: unknown, pointer: string) => Parsed<string> =
  ruleOwner;

/** The tier of an event type. */
export const parseTier: (value: unknown, pointer: string) => Parsed<Tier> =
  ruleTier;

/** The description, if there is one. */
export const parseDescription: (
  value: unknown,
  pointer: string,
) => Parsed<string> = ruleDescription;

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
