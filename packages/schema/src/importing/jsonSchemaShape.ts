import { SchemaError } from '../errors';
import { isObject } from '../json/pointer';
import {
  intersectSlots,
  JSON_SHAPE,
  Member,
  Shape,
  Slot,
  uniteSlots,
  UNKNOWN,
} from './shape';

/**
 * References can unfold a small document into an endless one; this many
 * visited schemas are enough for any real one.
 */
const MAX_VISITS = 200_000;
const MAX_DEPTH = 200;

const ANYTHING: Slot = { shape: JSON_SHAPE, nullable: true };
const NOTHING: Slot = { shape: UNKNOWN, nullable: false };
const NULL: Slot = { shape: UNKNOWN, nullable: true };

const FORMATS: Record<string, Shape> = {
  'date-time': { kind: 'timestamp' },
  date: { kind: 'date' },
  uuid: { kind: 'uuid' },
};

interface Walk {
  root: unknown;
  definitions: Record<string, unknown>;
  /** References being followed; meeting one again means recursion. */
  following: Set<string>;
  visits: number;
}

/** Where a schema stands. `isTop`: it describes the event itself. */
interface Place {
  depth: number;
  isTop: boolean;
}

/** A variant or the target of a reference describes the same value. */
function beside(at: Place): Place {
  return { ...at, depth: at.depth + 1 };
}

function inside(at: Place): Place {
  return { depth: at.depth + 1, isTop: false };
}

/**
 * Reads a draft-07 JSON Schema as a slot.
 *
 * @throws SchemaError with code `invalid_json_schema` or `remote_reference`
 */
export function slotFromJsonSchema(
  document: unknown,
  definitions: Record<string, unknown>,
): Slot {
  return readSlot(
    document,
    { depth: 0, isTop: true },
    {
      root: document,
      definitions,
      following: new Set(),
      visits: 0,
    },
  );
}

function readSlot(schema: unknown, at: Place, walk: Walk): Slot {
  walk.visits += 1;
  if (walk.visits > MAX_VISITS || at.depth > MAX_DEPTH) {
    throw new SchemaError(
      'invalid_json_schema',
      'The JSON Schema is too large: its references unfold too far',
    );
  }
  if (schema === true) {
    return ANYTHING;
  }
  if (schema === false) {
    return NOTHING;
  }
  if (!isObject(schema)) {
    throw new SchemaError(
      'invalid_json_schema',
      'A JSON Schema is an object or a boolean',
    );
  }
  if (typeof schema.$ref === 'string') {
    // In draft-07 everything beside `$ref` is ignored.
    return followReference(schema.$ref, at, walk);
  }
  const parts = [readOwnType(schema, at, walk)];
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const variants = readList(schema, keyword, at, walk);
    if (variants) {
      parts.push(variants.reduce(uniteSlots, NOTHING));
    }
  }
  parts.push(...(readList(schema, 'allOf', at, walk) ?? []));
  return parts.reduce(intersectSlots, ANYTHING);
}

function readList(
  schema: Record<string, unknown>,
  keyword: 'oneOf' | 'anyOf' | 'allOf',
  at: Place,
  walk: Walk,
): Slot[] | undefined {
  const list = schema[keyword];
  return Array.isArray(list)
    ? list.map(variant => readSlot(variant, beside(at), walk))
    : undefined;
}

function followReference(reference: string, at: Place, walk: Walk): Slot {
  if (walk.following.has(reference)) {
    return ANYTHING;
  }
  walk.following.add(reference);
  const slot = readSlot(resolveReference(reference, walk), beside(at), walk);
  walk.following.delete(reference);
  return slot;
}

/** Only references into the document itself: nothing is ever fetched. */
function resolveReference(reference: string, walk: Walk): unknown {
  if (!reference.startsWith('#')) {
    throw new SchemaError(
      'remote_reference',
      'A `$ref` of the JSON Schema points into another document, and none is ever fetched: bring everything into one document, with references that begin with #',
    );
  }
  const tokens = /^#(\/|$)/.test(reference)
    ? decodeFragment(reference.slice(1))
        .split('/')
        .slice(1)
        .map(token => token.replace(/~1/g, '/').replace(/~0/g, '~'))
    : undefined;
  const step = (node: unknown, token: string): unknown =>
    (isObject(node) || Array.isArray(node)) && Object.hasOwn(node, token)
      ? (node as Record<string, unknown>)[token]
      : undefined;
  const isDefinition =
    tokens?.length === 2 &&
    (tokens[0] === 'definitions' || tokens[0] === '$defs');
  const target =
    tokens?.reduce(step, walk.root) ??
    (isDefinition ? step(walk.definitions, tokens[1]) : undefined);
  if (target === undefined) {
    throw new SchemaError(
      'invalid_json_schema',
      'A `$ref` of the JSON Schema points at nothing in the document; only references inside one document are supported',
    );
  }
  return target;
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function readOwnType(
  schema: Record<string, unknown>,
  at: Place,
  walk: Walk,
): Slot {
  const fixed = readFixedValues(schema);
  const types = readTypes(schema);
  const byType = types
    ? types
        .map(type => readTyped(type, schema, at, walk))
        .reduce(uniteSlots, NOTHING)
    : ANYTHING;
  return fixed ? intersectSlots(byType, fixed) : byType;
}

function readTypes(schema: Record<string, unknown>): unknown[] | undefined {
  if (schema.type !== undefined) {
    return Array.isArray(schema.type) ? schema.type : [schema.type];
  }
  if (isObject(schema.properties)) {
    return ['object'];
  }
  return schema.items === undefined ? undefined : ['array'];
}

function readTyped(
  type: unknown,
  schema: Record<string, unknown>,
  at: Place,
  walk: Walk,
): Slot {
  switch (type) {
    case 'null':
      return NULL;
    case 'boolean':
      return { shape: { kind: 'boolean' }, nullable: false };
    case 'integer':
      return { shape: { kind: 'long' }, nullable: false };
    case 'number':
      return { shape: { kind: 'double' }, nullable: false };
    case 'string': {
      const format = schema.format;
      const shape =
        typeof format === 'string' && Object.hasOwn(FORMATS, format)
          ? FORMATS[format]
          : undefined;
      return { shape: shape ?? { kind: 'string' }, nullable: false };
    }
    case 'array':
      return {
        shape: { kind: 'array', values: readItems(schema.items, at, walk) },
        nullable: false,
      };
    case 'object':
      return { shape: readObject(schema, at, walk), nullable: false };
    default:
      throw new SchemaError(
        'invalid_json_schema',
        'The JSON Schema names a type that JSON Schema does not have',
      );
  }
}

/** `enum` and `const`: strings stay open, because enums grow. */
function readFixedValues(schema: Record<string, unknown>): Slot | undefined {
  const values = Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum;
  return Array.isArray(values)
    ? values.map(slotOfValue).reduce(uniteSlots, NOTHING)
    : undefined;
}

function slotOfValue(value: unknown): Slot {
  switch (typeof value) {
    case 'string':
      return { shape: { kind: 'string' }, nullable: false };
    case 'boolean':
      return { shape: { kind: 'boolean' }, nullable: false };
    case 'number':
      return {
        shape: { kind: Number.isSafeInteger(value) ? 'long' : 'double' },
        nullable: false,
      };
    default:
      return value === null ? NULL : { shape: JSON_SHAPE, nullable: false };
  }
}

function readItems(items: unknown, at: Place, walk: Walk): Slot {
  if (items === undefined) {
    return { ...ANYTHING, nullable: false };
  }
  return Array.isArray(items)
    ? items
        .map(item => readSlot(item, inside(at), walk))
        .reduce(uniteSlots, NOTHING)
    : readSlot(items, inside(at), walk);
}

/**
 * Listed properties make a record. Events may then hold nothing else: what the
 * schema leaves unsaid (`additionalProperties` absent) is not part of the
 * contract. An object whose author says that other keys come too
 * (`additionalProperties` true or a schema, `patternProperties`) is JSON, or a
 * map when it lists no properties; except at the top level, where the listed
 * properties are the columns.
 */
function readObject(
  schema: Record<string, unknown>,
  at: Place,
  walk: Walk,
): Shape {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const rest = schema.additionalProperties;
  const hasProperties = Object.keys(properties).length > 0;
  const isOpen =
    rest === true || isObject(rest) || schema.patternProperties !== undefined;
  if (!at.isTop && hasProperties && isOpen) {
    return JSON_SHAPE;
  }
  if (!hasProperties && rest !== false) {
    return isObject(rest) && schema.patternProperties === undefined
      ? { kind: 'map', values: readSlot(rest, inside(at), walk) }
      : JSON_SHAPE;
  }
  const required = new Set(
    Array.isArray(schema.required) ? schema.required : [],
  );
  const fields = new Map<string, Member>();
  for (const [name, property] of Object.entries(properties)) {
    const doc = isObject(property) ? property.description : undefined;
    fields.set(name, {
      ...readSlot(property, inside(at), walk),
      required: required.has(name),
      ...(typeof doc === 'string' && { doc }),
    });
  }
  return {
    kind: 'record',
    fields,
    ...(typeof schema.description === 'string' && { doc: schema.description }),
  };
}
