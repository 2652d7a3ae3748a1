import { appendPointer, isObject } from '../json/pointer';
import { fullName, isAvroTypeName } from './names';
import {
  ParseContext,
  ParsedType,
  Position,
  report,
  countFields,
} from './parseContext';
import { parseEnum } from './parseEnum';
import { parseRecord } from './parseRecord';
import { AvroLogical, MAX_SCHEMA_DEPTH } from './types';

const PRIMITIVES = new Set([
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'string',
]);

const LOGICAL_TYPES: Record<string, AvroLogical['type']> = {
  'timestamp-micros': 'long',
  'timestamp-millis': 'long',
  date: 'int',
  uuid: 'string',
  json: 'string',
};

/**
 * Parses one type of a schema. Problems go into the context; `undefined` means
 * that at least one was reported for this type.
 */
export function parseType(
  context: ParseContext,
  input: unknown,
  at: Position,
): ParsedType | undefined {
  if (at.depth > MAX_SCHEMA_DEPTH) {
    return report(
      context,
      'too_deep',
      at.pointer,
      `A schema nests at most ${MAX_SCHEMA_DEPTH} levels deep`,
    );
  }
  if (typeof input === 'string') {
    return PRIMITIVES.has(input)
      ? leaf(input)
      : parseReference(context, input, at);
  }
  if (Array.isArray(input)) {
    return parseUnion(context, input, at);
  }
  if (!isObject(input)) {
    return report(
      context,
      'unsupported_type',
      at.pointer,
      'A type is a name, an object with `type`, or a list of null and one type',
    );
  }
  return parseComplex(context, input, at);
}

function leaf(type: ParsedType['type']): ParsedType {
  return { type, fields: 0, height: 0 };
}

function parseComplex(
  context: ParseContext,
  input: Record<string, unknown>,
  at: Position,
): ParsedType | undefined {
  switch (input.type) {
    case 'record':
      return parseRecord(context, input, at, parseType);
    case 'enum':
      return parseEnum(context, input, at);
    case 'array':
    case 'map': {
      const key = input.type === 'array' ? 'items' : 'values';
      const inner = parseType(context, input[key], below(at, key));
      return (
        inner && {
          type:
            input.type === 'array'
              ? { type: 'array', items: inner.type }
              : { type: 'map', values: inner.type },
          fields: inner.fields,
          height: inner.height + 1,
        }
      );
    }
    default:
      break;
  }
  if (typeof input.type === 'string' && PRIMITIVES.has(input.type)) {
    return parseLogical(context, input.type, input.logicalType, at);
  }
  if (isObject(input.type) || Array.isArray(input.type)) {
    // `{ "type": { … } }` is a common way to write a type; unwrap it.
    return parseType(context, input.type, below(at, 'type'));
  }
  return typeof input.type === 'string' && !isAvroTypeName(input.type)
    ? parseReference(context, input.type, at)
    : report(
        context,
        'unsupported_type',
        at.pointer,
        'Supported types are record, enum, array, map, boolean, int, long, float, double and string, and a list of null and one of them',
      );
}

function parseLogical(
  context: ParseContext,
  type: string,
  logicalType: unknown,
  at: Position,
): ParsedType | undefined {
  if (logicalType === undefined) {
    return leaf(type);
  }
  // Avro lets readers ignore logical types they do not know. Here that would
  // store, say, a time of day as a bare number without telling anyone.
  const base =
    typeof logicalType === 'string' && Object.hasOwn(LOGICAL_TYPES, logicalType)
      ? LOGICAL_TYPES[logicalType]
      : undefined;
  return base === type
    ? leaf({ type, logicalType } as AvroLogical)
    : report(
        context,
        'unsupported_type',
        at.pointer,
        'Supported logical types are timestamp-micros and timestamp-millis on long, date on int, uuid and json on string',
      );
}

function parseUnion(
  context: ParseContext,
  input: unknown[],
  at: Position,
): ParsedType | undefined {
  const index = input.findIndex(branch => branch !== 'null');
  if (
    input.length !== 2 ||
    index < 0 ||
    !input.includes('null') ||
    Array.isArray(input[index])
  ) {
    return report(
      context,
      'unsupported_union',
      at.pointer,
      'The only supported union is null and one other type, which makes a field optional',
    );
  }
  const inner = parseType(context, input[index], below(at, index));
  if (inner && Array.isArray(inner.type)) {
    return report(
      context,
      'unsupported_union',
      at.pointer,
      'A union may not contain another union',
    );
  }
  return inner && { ...inner, type: ['null', inner.type] };
}

function parseReference(
  context: ParseContext,
  reference: string,
  at: Position,
): ParsedType | undefined {
  const name = fullName(reference, at.namespace);
  if (context.open.has(name)) {
    return report(
      context,
      'recursive_reference',
      at.pointer,
      "A record may not contain itself; use logical type 'json' for data that nests without end",
    );
  }
  const definition = context.definitions.get(name);
  if (!definition) {
    return report(
      context,
      isAvroTypeName(reference) ? 'unsupported_type' : 'unknown_reference',
      at.pointer,
      'The name is neither a supported type nor a record or enum defined earlier in this schema',
    );
  }
  if (at.depth + definition.height > MAX_SCHEMA_DEPTH) {
    return report(
      context,
      'too_deep',
      at.pointer,
      `A schema nests at most ${MAX_SCHEMA_DEPTH} levels deep`,
    );
  }
  countFields(context, definition.fields, at.pointer);
  return {
    type: reference,
    fields: definition.fields,
    height: definition.height,
  };
}

function below(at: Position, token: string | number): Position {
  return {
    ...at,
    pointer: appendPointer(at.pointer, token),
    depth: at.depth + 1,
  };
}
