import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';
import { appendPointer } from '../json/pointer';

/**
 * A change after which producers or readers of the previous version would
 * break.
 *
 * @public
 */
export interface Incompatibility {
  code:
    | 'field_removed'
    | 'field_type_changed'
    | 'required_field_added'
    | 'became_required';
  /** JSON pointer into the event; `*` stands for any list item or map value. */
  pointer: string;
  message: string;
}

const DATA_POINTER = '/data';

/** Changes that keep every valid event valid and every column readable. */
const WIDENINGS = new Set(['int>long', 'float>double', 'enum>string']);

/**
 * Lists what in `next` is incompatible with `previous`; an empty list means
 * that producers of the previous version go on being accepted and readers go
 * on finding what they read.
 *
 * Adding optional fields, making fields optional, widening int to long, float
 * to double and enum to string, and adding symbols to an enum are compatible.
 *
 * @public
 */
export function compareSchemas(
  previous: EventSchema,
  next: EventSchema,
): Incompatibility[] {
  const found: Incompatibility[] = [];
  compareRecords(modelOf(previous), modelOf(next), DATA_POINTER, found);
  return found;
}

function compareRecords(
  previous: RecordModel,
  next: RecordModel,
  pointer: string,
  found: Incompatibility[],
): void {
  const nextFields = new Map(next.fields.map(field => [field.jsonName, field]));
  const previousNames = new Set(previous.fields.map(field => field.jsonName));
  for (const field of previous.fields) {
    const at = appendPointer(pointer, field.jsonName);
    const successor = nextFields.get(field.jsonName);
    if (successor) {
      compareFields(field, successor, at, found);
    } else {
      found.push({
        code: 'field_removed',
        pointer: at,
        message: `Field ${at} was removed; producers that still send it would be refused`,
      });
    }
  }
  for (const field of next.fields) {
    if (field.required && !previousNames.has(field.jsonName)) {
      const at = appendPointer(pointer, field.jsonName);
      found.push({
        code: 'required_field_added',
        pointer: at,
        message: `Field ${at} was added as required; add it as optional`,
      });
    }
  }
}

function compareFields(
  previous: FieldModel,
  next: FieldModel,
  pointer: string,
  found: Incompatibility[],
): void {
  compareOptionality(!previous.required, !next.required, pointer, found);
  compareTypes(previous.type, next.type, pointer, found);
}

function compareOptionality(
  wasOptional: boolean,
  isOptional: boolean,
  pointer: string,
  found: Incompatibility[],
): void {
  if (wasOptional && !isOptional) {
    found.push({
      code: 'became_required',
      pointer,
      message: `Field ${pointer} was optional and became required`,
    });
  }
}

function compareTypes(
  previous: TypeModel,
  next: TypeModel,
  pointer: string,
  found: Incompatibility[],
): void {
  if (previous.kind === 'record' && next.kind === 'record') {
    // A record without fields is stored as JSON, one with fields as a struct.
    if ((previous.fields.length === 0) === (next.fields.length === 0)) {
      compareRecords(previous, next, pointer, found);
      return;
    }
  } else if (
    (previous.kind === 'array' && next.kind === 'array') ||
    (previous.kind === 'map' && next.kind === 'map')
  ) {
    const at = appendPointer(pointer, '*');
    compareOptionality(previous.valuesOptional, next.valuesOptional, at, found);
    compareTypes(previous.values, next.values, at, found);
    return;
  } else if (previous.kind === 'enum' && next.kind === 'enum') {
    if (previous.symbols.every(symbol => next.symbols.includes(symbol))) {
      return;
    }
    found.push({
      code: 'field_type_changed',
      pointer,
      message: `The enum of field ${pointer} lost a symbol`,
    });
    return;
  } else if (
    previous.kind === next.kind ||
    WIDENINGS.has(`${previous.kind}>${next.kind}`)
  ) {
    return;
  }
  found.push({
    code: 'field_type_changed',
    pointer,
    message:
      previous.kind === next.kind
        ? `The type of field ${pointer} changed between a record with and without fields`
        : `The type of field ${pointer} changed from ${previous.kind} to ${next.kind}`,
  });
}
