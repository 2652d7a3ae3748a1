import { modelOf } from '../avro/model';
import { EventSchema } from '../avro/types';
import { createAjv } from './ajv';
import { DerivedSchema, deriveJsonSchema } from './deriveJsonSchema';
import { translateError, ValidationProblem } from './problems';

/**
 * Compares the data of an event with its schema. An empty list means that it
 * fits.
 *
 * @public
 */
export type EventValidator = (data: unknown) => ValidationProblem[];

const MAX_PROBLEMS = 20;

/**
 * Collecting all problems costs an object per wrong value, so it is done only
 * for events up to this many values. A larger one, for example a list of a
 * million wrong entries, is answered with its first problem.
 */
const MAX_VALUES_FOR_ALL_PROBLEMS = 10_000;

/**
 * Compiles the validator of a schema. This generates code and takes
 * milliseconds: do it once per schema version.
 *
 * Two functions are compiled: a fast one that stops at the first error, which
 * nearly every event passes, and, at the first refused event, one that finds
 * all errors.
 *
 * @public
 */
export function compileValidator(schema: EventSchema): EventValidator {
  const derived = deriveJsonSchema(modelOf(schema));
  const ownProperties = hasInheritedName(derived);
  const compile = (allErrors: boolean) =>
    createAjv({ allErrors, ownProperties }).compile(derived);
  const isValid = compile(false);
  let explain: typeof isValid | undefined;
  return data => {
    if (isValid(data)) {
      return [];
    }
    let errors = isValid.errors;
    if (hasAtMostValues(data, MAX_VALUES_FOR_ALL_PROBLEMS)) {
      explain ??= compile(true);
      explain(data);
      errors = explain.errors;
    }
    const problems = new Map<string, ValidationProblem>();
    for (const error of errors ?? []) {
      const translated = translateError(error);
      if (translated && problems.size < MAX_PROBLEMS) {
        const key = `${translated.code} ${translated.pointer}`;
        problems.set(key, problems.get(key) ?? translated);
      }
    }
    return [...problems.values()];
  };
}

/** Whether a field is called like something that every object inherits. */
function hasInheritedName(derived: DerivedSchema): boolean {
  return [derived, ...Object.values(derived.$defs ?? {})].some(record =>
    Object.keys(record.properties ?? {}).some(name => name in Object.prototype),
  );
}

/** Counts without recursion, because the depth of `data` is the sender's choice. */
function hasAtMostValues(data: unknown, limit: number): boolean {
  const pending: unknown[] = [data];
  let seen = 0;
  while (pending.length > 0) {
    const value = pending.pop();
    seen += 1;
    if (typeof value === 'object' && value !== null) {
      const children = Object.values(value);
      if (seen + pending.length + children.length > limit) {
        return false;
      }
      for (const child of children) {
        pending.push(child);
      }
    }
  }
  return true;
}
