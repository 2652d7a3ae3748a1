import { appendPointer, isObject } from '../json/pointer';
import { isValidDefault } from './defaults';
import { fullName, isAvroName, isJsonFieldName } from './names';
import {
  countFields,
  ParseContext,
  ParsedType,
  Position,
  report,
} from './parseContext';
import { parseDefinitionName } from './parseDefinitionName';
import { AvroField, AvroRecord, AvroType } from './types';

/** Parses any type; handed in because types contain records and vice versa. */
type TypeParser = (
  context: ParseContext,
  input: unknown,
  at: Position,
) => ParsedType | undefined;

const ROOT_DEPTH = 1;

/** Attributes of an Avro field that are not annotations. */
const FIELD_ATTRIBUTES = new Set([
  'name',
  'type',
  'doc',
  'default',
  'jsonName',
  'semanticType',
  // Both only matter to readers of Avro files, which Millrace does not write.
  'order',
  'aliases',
]);

const ANNOTATION_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/;
const MAX_SEMANTIC_TYPE_LENGTH = 100;

export function parseRecord(
  context: ParseContext,
  input: Record<string, unknown>,
  at: Position,
  parseType: TypeParser,
): ParsedType | undefined {
  const named = parseDefinitionName(context, input, at);
  if (!named) {
    return undefined;
  }
  const fieldsPointer = appendPointer(at.pointer, 'fields');
  if (!Array.isArray(input.fields)) {
    return report(
      context,
      'unsupported_type',
      fieldsPointer,
      'A record has a list of fields',
    );
  }
  context.open.add(named.fullName);
  const problemsBefore = context.problems.length;
  const seen = { avroNames: new Set<string>(), jsonNames: new Set<string>() };
  const fields: AvroField[] = [];
  let fieldCount = 0;
  let height = 0;
  input.fields.forEach((fieldInput, index) => {
    const fieldAt: Position = {
      pointer: appendPointer(fieldsPointer, index),
      depth: at.depth + 1,
      namespace: named.effectiveNamespace,
    };
    countFields(context, 1, fieldAt.pointer);
    const parsed = parseField(context, fieldInput, fieldAt, parseType);
    if (parsed) {
      checkFieldNames(context, parsed.field, seen, at.depth, fieldAt.pointer);
      fields.push(parsed.field);
      fieldCount += 1 + parsed.type.fields;
      height = Math.max(height, 1 + parsed.type.height);
    }
  });
  context.open.delete(named.fullName);
  if (context.problems.length > problemsBefore) {
    return undefined;
  }
  context.definitions.set(named.fullName, { fields: fieldCount, height });
  const type: AvroRecord = {
    type: 'record',
    name: named.name,
    ...(named.namespace !== undefined && { namespace: named.namespace }),
    ...(typeof input.doc === 'string' && { doc: input.doc }),
    fields,
  };
  return { type, fields: fieldCount, height };
}

function parseField(
  context: ParseContext,
  input: unknown,
  at: Position,
  parseType: TypeParser,
): { field: AvroField; type: ParsedType } | undefined {
  if (!isObject(input)) {
    return report(
      context,
      'unsupported_type',
      at.pointer,
      'A field is an object with `name` and `type`',
    );
  }
  const { name, jsonName } = input;
  if (!isAvroName(name)) {
    return report(
      context,
      'invalid_name',
      at.pointer,
      'A field name is made of letters, digits and underscores; put any other JSON key into `jsonName`',
    );
  }
  if (jsonName !== undefined && !isJsonFieldName(jsonName)) {
    return report(
      context,
      'invalid_name',
      appendPointer(at.pointer, 'jsonName'),
      'A JSON name has 1 to 255 printable characters',
    );
  }
  // A reference stays at the field's own depth: `type` is not a level.
  const type = parseType(context, input.type, {
    ...at,
    pointer: appendPointer(at.pointer, 'type'),
  });
  const annotations = parseAnnotations(context, input, at.pointer);
  if (!type || !annotations) {
    return undefined;
  }
  const defaultValue = parseDefault(context, input, type.type, at);
  return (
    defaultValue && {
      field: {
        name,
        type: type.type,
        ...(jsonName !== undefined && jsonName !== name && { jsonName }),
        ...annotations,
        ...defaultValue,
      },
      type,
    }
  );
}

function parseDefault(
  context: ParseContext,
  input: Record<string, unknown>,
  type: AvroType,
  at: Position,
): { default?: unknown } | undefined {
  if (Array.isArray(type)) {
    return (input.default ?? null) === null
      ? { default: null }
      : report(
          context,
          'invalid_default',
          appendPointer(at.pointer, 'default'),
          'The default of an optional field is null: an absent value is stored as absent',
        );
  }
  if (input.default === undefined) {
    return {};
  }
  const symbolsOf = (reference: string) =>
    context.definitions.get(fullName(reference, at.namespace))?.symbols;
  return isValidDefault(type, input.default, symbolsOf)
    ? { default: structuredClone(input.default) }
    : report(
        context,
        'invalid_default',
        appendPointer(at.pointer, 'default'),
        'A default is a value of the field type: a boolean, number, string, enum symbol, or an empty array or map',
      );
}

function parseAnnotations(
  context: ParseContext,
  input: Record<string, unknown>,
  pointer: string,
): Record<string, unknown> | undefined {
  const annotations: Record<string, unknown> = {};
  for (const key of ['doc', 'semanticType']) {
    const value = input[key];
    if (value === undefined || value === null) {
      continue;
    }
    if (
      typeof value !== 'string' ||
      (key === 'semanticType' && value.length > MAX_SEMANTIC_TYPE_LENGTH)
    ) {
      return report(
        context,
        'invalid_annotation',
        appendPointer(pointer, key),
        `\`${key}\` is a text`,
      );
    }
    annotations[key] = value;
  }
  for (const [key, value] of Object.entries(input)) {
    if (FIELD_ATTRIBUTES.has(key)) {
      continue;
    }
    if (
      !ANNOTATION_NAME.test(key) ||
      !['string', 'number', 'boolean'].includes(typeof value)
    ) {
      return report(
        context,
        'invalid_annotation',
        appendPointer(pointer, key),
        'An annotation is a name with a text, a number or a boolean',
      );
    }
    annotations[key] = value;
  }
  return annotations;
}

/**
 * Readers of Parquet fold the case of names, so names that differ only in case
 * would become one column. The top level shares its columns with the envelope.
 */
function checkFieldNames(
  context: ParseContext,
  field: AvroField,
  seen: { avroNames: Set<string>; jsonNames: Set<string> },
  recordDepth: number,
  pointer: string,
): void {
  const jsonName = field.jsonName ?? field.name;
  if (
    recordDepth === ROOT_DEPTH &&
    (jsonName.startsWith('_') || field.name.startsWith('_'))
  ) {
    report(
      context,
      'reserved_name',
      pointer,
      "Names that begin with '_' are reserved for the envelope at the top level",
    );
  }
  for (const [names, name] of [
    [seen.avroNames, field.name],
    [seen.jsonNames, jsonName],
  ] as const) {
    const folded = name.toLowerCase();
    if (names.has(name)) {
      report(
        context,
        'duplicate_name',
        pointer,
        'The record has another field with this name',
      );
    } else if (names.has(`folded ${folded}`)) {
      report(
        context,
        'name_differs_only_in_case',
        pointer,
        'The record has another field whose name differs only in case',
      );
    }
    names.add(name).add(`folded ${folded}`);
  }
}
