/**
 * What is known about a value while a schema is being found: from a JSON
 * Schema, from samples, or from a form. Shapes can be combined; Avro cannot.
 */
export type Shape =
  /** Nothing seen yet: an empty list's items, a field that was always null. */
  | { kind: 'unknown' }
  | { kind: ScalarShape }
  | { kind: 'array' | 'map'; values: Slot }
  | { kind: 'record'; fields: Map<string, Member>; doc?: string };

export type ScalarShape =
  | 'boolean'
  | 'long'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'date'
  | 'uuid'
  /** Any JSON: the end of every conflict. */
  | 'json';

/** A place that holds a value: its shape and whether null was allowed. */
export interface Slot {
  shape: Shape;
  nullable: boolean;
}

/** A field of a record. */
export interface Member extends Slot {
  required: boolean;
  doc?: string;
  semanticType?: string;
}

export const UNKNOWN: Shape = { kind: 'unknown' };
export const JSON_SHAPE: Shape = { kind: 'json' };

const TEXTS = new Set(['string', 'timestamp', 'date', 'uuid']);
const NUMBERS = new Set(['long', 'double']);

/** The slot that takes what either slot takes (`oneOf`, two samples). */
export function uniteSlots(a: Slot, b: Slot): Slot {
  return {
    shape: uniteShapes(a.shape, b.shape),
    nullable: a.nullable || b.nullable,
  };
}

/** The slot that takes what both slots take (`allOf`). */
export function intersectSlots(a: Slot, b: Slot): Slot {
  return {
    shape: intersectShapes(a.shape, b.shape),
    nullable: a.nullable && b.nullable,
  };
}

function uniteShapes(a: Shape, b: Shape): Shape {
  if (a.kind === 'unknown') {
    return b;
  }
  if (b.kind === 'unknown') {
    return a;
  }
  if (a.kind === 'record' && b.kind === 'record') {
    return uniteRecords(a, b);
  }
  if (
    (a.kind === 'array' && b.kind === 'array') ||
    (a.kind === 'map' && b.kind === 'map')
  ) {
    return { kind: a.kind, values: uniteSlots(a.values, b.values) };
  }
  if (a.kind === b.kind) {
    return a;
  }
  if (NUMBERS.has(a.kind) && NUMBERS.has(b.kind)) {
    return { kind: 'double' };
  }
  return TEXTS.has(a.kind) && TEXTS.has(b.kind)
    ? { kind: 'string' }
    : JSON_SHAPE;
}

type RecordShape = Extract<Shape, { kind: 'record' }>;

function uniteRecords(a: RecordShape, b: RecordShape): RecordShape {
  const fields = new Map<string, Member>();
  for (const [name, member] of a.fields) {
    const other = b.fields.get(name);
    fields.set(
      name,
      other
        ? {
            ...describe(member, other),
            ...uniteSlots(member, other),
            required: member.required && other.required,
          }
        : { ...member, required: false },
    );
  }
  for (const [name, member] of b.fields) {
    if (!fields.has(name)) {
      fields.set(name, { ...member, required: false });
    }
  }
  // A description of one variant does not describe the union.
  return { kind: 'record', fields, ...(a.doc === b.doc && docOf(a)) };
}

function intersectShapes(a: Shape, b: Shape): Shape {
  if (a.kind === 'json') {
    return b;
  }
  if (b.kind === 'json') {
    return a;
  }
  if (a.kind === 'unknown' || b.kind === 'unknown') {
    return UNKNOWN;
  }
  if (a.kind === 'record' && b.kind === 'record') {
    return intersectRecords(a, b);
  }
  if (
    (a.kind === 'array' && b.kind === 'array') ||
    (a.kind === 'map' && b.kind === 'map')
  ) {
    return { kind: a.kind, values: intersectSlots(a.values, b.values) };
  }
  if (a.kind === b.kind) {
    return a;
  }
  if (NUMBERS.has(a.kind) && NUMBERS.has(b.kind)) {
    return { kind: 'long' };
  }
  if (TEXTS.has(a.kind) && TEXTS.has(b.kind)) {
    return a.kind === 'string' ? b : a;
  }
  return JSON_SHAPE;
}

/**
 * Authors use `allOf` to extend a base as often as to narrow it, so fields of
 * both sides are kept even where one side alone would forbid the other's.
 */
function intersectRecords(a: RecordShape, b: RecordShape): RecordShape {
  const fields = new Map(a.fields);
  for (const [name, member] of b.fields) {
    const other = fields.get(name);
    fields.set(
      name,
      other
        ? {
            ...describe(other, member),
            ...intersectSlots(other, member),
            required: other.required || member.required,
          }
        : member,
    );
  }
  return { kind: 'record', fields, ...docOf(a), ...docOf(b) };
}

function describe(a: Member, b: Member): Pick<Member, 'doc' | 'semanticType'> {
  const doc = a.doc ?? b.doc;
  const semanticType = a.semanticType ?? b.semanticType;
  return {
    ...(doc !== undefined && { doc }),
    ...(semanticType !== undefined && { semanticType }),
  };
}

function docOf(record: RecordShape): { doc?: string } {
  return record.doc === undefined ? {} : { doc: record.doc };
}
