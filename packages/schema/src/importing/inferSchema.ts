import { EventSchema, MAX_SCHEMA_DEPTH } from '../avro/types';
import { SchemaError } from '../errors';
import { isObject } from '../json/pointer';
import { schemaFromShape } from './avroFromShape';
import { JSON_SHAPE, Member, Shape, Slot, uniteSlots, UNKNOWN } from './shape';
import { textChecks } from '../validation/texts';

/**
 * Proposes a schema for events that look like the samples.
 *
 * A field is required if it is present and not null in all samples; text is a
 * timestamp or date only if it is one in all samples; numbers are long unless
 * one has a fraction. The more samples, the better the proposal: a person
 * should read it before it becomes a contract.
 *
 * @throws SchemaError with code `invalid_samples` when there is none or one is
 * not an object, `invalid_schema` when no schema fits the samples
 * @public
 */
export function inferSchema(
  samples: unknown[],
  options: { name: string },
): EventSchema {
  if (samples.length === 0 || !samples.every(isObject)) {
    throw new SchemaError(
      'invalid_samples',
      'A schema is inferred from at least one sample, and a sample is a JSON object',
    );
  }
  const { shape } = samples
    .map(sample => slotOf(sample, 1))
    .reduce((a, b) => uniteSlots(a, b));
  return schemaFromShape(
    shape.kind === 'record' ? shape : { kind: 'record', fields: new Map() },
    options,
  );
}

function slotOf(value: unknown, depth: number): Slot {
  return value === null || value === undefined
    ? { shape: UNKNOWN, nullable: true }
    : { shape: shapeOf(value, depth), nullable: false };
}

function textKind(text: string): 'timestamp' | 'date' | 'string' {
  const { isTimestamp, isDate } = textChecks();
  if (isTimestamp(text)) {
    return 'timestamp';
  }
  return isDate(text) ? 'date' : 'string';
}

function shapeOf(value: unknown, depth: number): Shape {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return { kind: Number.isSafeInteger(value) ? 'long' : 'double' };
    case 'string':
      return { kind: textKind(value) };
    default:
  }
  if (depth >= MAX_SCHEMA_DEPTH) {
    return JSON_SHAPE;
  }
  if (Array.isArray(value)) {
    return {
      kind: 'array',
      values: value
        .map(item => slotOf(item, depth + 1))
        .reduce(uniteSlots, { shape: UNKNOWN, nullable: false }),
    };
  }
  const fields = new Map<string, Member>();
  for (const [name, child] of Object.entries(value as object)) {
    fields.set(name, { ...slotOf(child, depth + 1), required: true });
  }
  return { kind: 'record', fields };
}
