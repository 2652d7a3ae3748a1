import { SchemaError } from '../errors';
import { isObject } from '../json/pointer';
import { createParseContext, ParseAborted, ParsedType } from './parseContext';
import { parseType } from './parseType';
import { AvroRecord, EventSchema } from './types';

/**
 * Checks an Avro schema document and brings it into one form: optional types
 * written null first, unions and logical types only as supported, only the
 * attributes that mean something here.
 *
 * Never trusts its input: depth, number of fields and number of reported
 * problems are bounded, and nothing of the input object is kept.
 *
 * @param input - a parsed JSON or YAML document
 * @returns a deeply frozen schema that shares nothing with the input
 * @throws SchemaError with code `invalid_schema` and the list of problems
 * @public
 */
export function parseEventSchema(input: unknown): EventSchema {
  const context = createParseContext();
  let parsed: ParsedType | undefined;
  if (isObject(input) && input.type === 'record') {
    try {
      parsed = parseType(context, input, {
        pointer: '',
        depth: 1,
        namespace: undefined,
      });
    } catch (error) {
      if (!(error instanceof ParseAborted)) {
        throw error;
      }
    }
  } else {
    context.problems.push({
      code: 'not_a_record',
      pointer: '',
      message: 'The schema of an event is an Avro record',
    });
  }
  if (!parsed || context.problems.length > 0) {
    const [first] = context.problems;
    throw new SchemaError(
      'invalid_schema',
      `The schema was refused: ${first?.message ?? 'it cannot be read'}${
        first?.pointer ? ` (at ${first.pointer})` : ''
      }`,
      context.problems,
    );
  }
  return deepFreeze({ avro: parsed.type as AvroRecord });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
