import type { ErrorObject } from 'ajv';
import { isPrintable } from '../avro/names';
import { appendPointer } from '../json/pointer';

/**
 * Why the data of an event does not fit its schema. It can be shown to anyone
 * who may see the schema: it holds names and rules, never a value.
 *
 * @public
 */
export interface ValidationProblem {
  code: 'missing_field' | 'wrong_type' | 'unknown_field' | 'invalid_value';
  /** RFC 6901 pointer into the event; begins with `/data`. */
  pointer: string;
  message: string;
}

const DATA_POINTER = '/data';
const MAX_POINTER_LENGTH = 500;

const TYPE_NAMES: Record<string, string> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
};

const FORMAT_NAMES: Record<string, string> = {
  'date-time':
    'an RFC 3339 date and time with an offset, for example 2026-01-31T12:00:00Z',
  date: 'a date in the form 2026-01-31',
  uuid: 'a UUID in the form 123e4567-e89b-12d3-a456-426614174000',
};

/** Translates one error of ajv; `undefined` for errors that repeat another. */
export function translateError(
  error: ErrorObject,
): ValidationProblem | undefined {
  const pointer = `${DATA_POINTER}${error.instancePath}`;
  switch (error.keyword) {
    case 'required':
      return problem(
        'missing_field',
        appendPointer(pointer, error.params.missingProperty),
        'is required and missing',
      );
    case 'additionalProperties':
      return problem(
        'unknown_field',
        appendPointer(pointer, error.params.additionalProperty),
        'is not in the schema',
      );
    case 'type':
      return translateTypeError(error, pointer);
    case 'enum':
      // A value of another type is reported by `type` already.
      return typeof error.data === 'string'
        ? problem(
            'invalid_value',
            pointer,
            'is not one of the symbols of its enum',
          )
        : undefined;
    case 'minimum':
    case 'maximum':
      return problem(
        'invalid_value',
        pointer,
        `is outside the range of its type (${error.keyword} ${error.params.limit})`,
      );
    case 'format':
    case 'pattern':
      return problem('invalid_value', pointer, `is not ${formatName(error)}`);
    default:
      // `anyOf` only says that both an optional record's branches failed; the
      // errors inside the record say why.
      return undefined;
  }
}

function translateTypeError(
  error: ErrorObject,
  pointer: string,
): ValidationProblem | undefined {
  const expected = String(error.params.type).split(',')[0];
  if (expected === 'null') {
    return undefined;
  }
  const isBrokenNumber =
    typeof error.data === 'number' && !Number.isFinite(error.data);
  return isBrokenNumber && (expected === 'number' || expected === 'integer')
    ? problem('invalid_value', pointer, 'is not a finite number')
    : problem(
        'wrong_type',
        pointer,
        `must be ${TYPE_NAMES[expected] ?? expected}`,
      );
}

function formatName(error: ErrorObject): string {
  const schema = error.parentSchema as { format?: string } | undefined;
  return FORMAT_NAMES[schema?.format ?? ''] ?? 'in the form its type asks for';
}

/**
 * A producer may have chosen the name at the end of the pointer. One that is
 * too long or not printable is left out, because problems are stored and shown.
 */
function problem(
  code: ValidationProblem['code'],
  pointer: string,
  rule: string,
): ValidationProblem {
  let shown = pointer;
  while (!isShowable(shown)) {
    shown = shown.slice(0, shown.lastIndexOf('/'));
  }
  const subject = shown === pointer ? 'Field' : 'A field in';
  return { code, pointer: shown, message: `${subject} ${shown} ${rule}` };
}

function isShowable(pointer: string): boolean {
  return (
    pointer === DATA_POINTER ||
    (pointer.length <= MAX_POINTER_LENGTH && isPrintable(pointer))
  );
}
