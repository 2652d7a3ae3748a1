import type { RecordModel, TypeModel } from '../avro/model';

/**
 * Values that a type takes, the plainest first and then those at its borders:
 * enough to tell any two types apart of which neither takes all that the other
 * does.
 */
export function samplesOf(type: TypeModel): unknown[] {
  switch (type.kind) {
    case 'boolean':
      return [true];
    case 'int':
      return [0, 2 ** 31 - 1];
    case 'long':
      return [0, 2 ** 40];
    case 'float':
      return [0.5];
    case 'double':
      return [0.5, 1e300];
    case 'string':
      return ['a text'];
    case 'timestamp':
      return ['2026-01-31T12:00:00Z'];
    case 'date':
      return ['2026-01-31'];
    case 'uuid':
      return ['123e4567-e89b-12d3-a456-426614174000'];
    case 'json':
      return [{ any: 'value' }, 'a text'];
    case 'enum':
      return [...type.symbols];
    case 'array':
      return [[]];
    case 'map':
      return [{}];
    default:
      return [sampleOfRecord(type)];
  }
}

/** An event part with the fields it must have and no others. */
export function sampleOfRecord(record: RecordModel): Record<string, unknown> {
  return Object.fromEntries(
    record.fields
      .filter(({ required }) => required)
      .map(({ jsonName, type }) => [jsonName, samplesOf(type)[0]]),
  );
}

/**
 * Whether a type takes one of the values of {@link samplesOf}. Not a validator:
 * it looks only as far as those values need.
 */
export function takesSample(type: TypeModel, value: unknown): boolean {
  switch (type.kind) {
    case 'int':
      return Number.isInteger(value) && Number(value) < 2 ** 31;
    case 'long':
      return Number.isSafeInteger(value);
    case 'float':
      return typeof value === 'number' && value < 1e39;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value);
    case 'record':
      return (
        typeof value === 'object' &&
        value !== null &&
        Object.keys(value).length === 0
      );
    default:
      return type.kind === 'json';
  }
}
