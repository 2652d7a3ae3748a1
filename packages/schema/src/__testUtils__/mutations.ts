import { appendPointer } from '../json/pointer';
import type { RecordSpec, Spec } from './arbitraries';

/** One way of breaking data, and what the validator must say about it. */
export interface Mutation {
  code: 'missing_field' | 'wrong_type' | 'unknown_field' | 'invalid_value';
  pointer: string;
  /** Changes the data it was found in. */
  apply(): void;
}

type Container = Record<string, unknown>;

/** Values of the right JSON type that are still not allowed. */
const INVALID_VALUES: Record<string, unknown[]> = {
  int: [2 ** 31, -(2 ** 31) - 1],
  long: [2 ** 53, -(2 ** 53), 1e300],
  float: [1e39, -1e39, Infinity],
  double: [Infinity, NaN],
  timestamp: [
    'yesterday',
    '',
    '2026-02-30T00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:60Z',
    '2026-01-01t00:00:00z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00+0100',
  ],
  date: ['2026-02-29', '2026-1-1', '2026-01-01T00:00:00Z'],
  uuid: ['not-a-uuid', 'urn:uuid:123e4567-e89b-12d3-a456-426614174000'],
  enum: ['not a symbol', ''],
};

/** Every way of breaking `data`, which fits `record`, in exactly one place. */
export function mutationsOf(record: RecordSpec, data: Container): Mutation[] {
  const found: Mutation[] = [];
  visitRecord(record, data, '/data', found);
  return found;
}

function visitRecord(
  record: RecordSpec,
  data: Container,
  pointer: string,
  found: Mutation[],
): void {
  const stranger = 'not_in_the_schema';
  found.push({
    code: 'unknown_field',
    pointer: appendPointer(pointer, stranger),
    apply: () => {
      data[stranger] = 1;
    },
  });
  for (const field of record.fields) {
    const at = appendPointer(pointer, field.jsonName);
    if (!field.optional) {
      found.push({
        code: 'missing_field',
        pointer: at,
        apply: () => {
          delete data[field.jsonName];
        },
      });
    }
    visitValue(field.type, data, field.jsonName, at, found);
  }
}

function visitValue(
  type: Spec,
  holder: Container,
  key: string,
  pointer: string,
  found: Mutation[],
): void {
  const replaceBy = (code: Mutation['code'], value: unknown) =>
    found.push({
      code,
      pointer,
      apply: () => {
        holder[key] = value;
      },
    });
  if (type.kind === 'json') {
    return;
  }
  replaceBy('wrong_type', type.kind === 'array' ? {} : []);
  for (const value of INVALID_VALUES[type.kind] ?? []) {
    replaceBy('invalid_value', value);
  }
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined;
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (type.kind === 'record') {
    visitRecord(type, value as Container, pointer, found);
  } else if (type.kind === 'array' || type.kind === 'map') {
    for (const inner of Object.keys(value)) {
      const at = appendPointer(pointer, inner);
      visitValue(type.values, value as Container, inner, at, found);
    }
  }
}
