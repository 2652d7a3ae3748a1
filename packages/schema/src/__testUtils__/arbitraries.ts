import fc from 'fast-check';

/**
 * A schema in the making, simpler than Avro: both an Avro document and data
 * that fits it can be derived from it.
 */
export type Spec =
  | { kind: ScalarSpec }
  | { kind: 'enum'; symbols: string[] }
  | { kind: 'array' | 'map'; values: Spec; optional: boolean }
  | RecordSpec;

type ScalarSpec = keyof typeof SCALARS;

export interface RecordSpec {
  kind: 'record';
  fields: FieldSpec[];
}

export interface FieldSpec {
  jsonName: string;
  optional: boolean;
  type: Spec;
}

const instant = fc
  .date({
    min: new Date('0001-01-02T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  .map(date => date.toISOString());

const SCALARS = {
  boolean: { avro: 'boolean', data: fc.boolean() },
  int: {
    avro: 'int',
    data: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  },
  long: { avro: 'long', data: fc.maxSafeInteger() },
  float: {
    avro: 'float',
    data: fc.float({ noNaN: true, noDefaultInfinity: true }),
  },
  double: {
    avro: 'double',
    data: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  string: { avro: 'string', data: fc.string({ unit: 'grapheme' }) },
  timestamp: {
    avro: { type: 'long', logicalType: 'timestamp-micros' },
    data: instant,
  },
  date: {
    avro: { type: 'int', logicalType: 'date' },
    data: instant.map(text => text.slice(0, 10)),
  },
  uuid: { avro: { type: 'string', logicalType: 'uuid' }, data: fc.uuid() },
  json: { avro: { type: 'string', logicalType: 'json' }, data: fc.jsonValue() },
} as const;

/** Includes what has to be escaped, and what every object inherits. */
const jsonName = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '+1',
      '-1',
      'a/b',
      'x~y',
      'say "so"',
      'constructor',
      'toString',
      'hasOwnProperty',
      'température',
      'with space',
    ),
  },
);

const { spec } = fc.letrec<{ spec: Spec; record: RecordSpec }>(tie => ({
  spec: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...(Object.keys(SCALARS) as ScalarSpec[])).map(kind => ({
      kind,
    })),
    fc
      .uniqueArray(fc.stringMatching(/^[A-Z]{1,4}$/), { minLength: 1 })
      .map(symbols => ({ kind: 'enum' as const, symbols })),
    fc.record({
      kind: fc.constantFrom('array' as const, 'map' as const),
      values: tie('spec'),
      optional: fc.boolean(),
    }),
    tie('record'),
  ),
  record: fc.record({
    kind: fc.constant('record' as const),
    fields: fc.uniqueArray(
      fc.record({ jsonName, optional: fc.boolean(), type: tie('spec') }),
      {
        selector: field => field.jsonName.toLowerCase(),
        maxLength: 5,
      },
    ),
  }),
}));

export const arbitrarySpec = spec;

export const arbitraryRecordSpec: fc.Arbitrary<RecordSpec> = fc
  .uniqueArray(fc.record({ jsonName, optional: fc.boolean(), type: spec }), {
    selector: field => field.jsonName.toLowerCase(),
    maxLength: 6,
  })
  .map(fields => ({ kind: 'record', fields }));

/** The Avro document of a spec. */
export function avroOf(root: RecordSpec): object {
  let records = 0;
  function recordOf(record: RecordSpec): object {
    records += 1;
    return {
      type: 'record',
      name: `r${records}`,
      fields: record.fields.map((field, index) => ({
        name: `f${index}`,
        jsonName: field.jsonName,
        type: optionally(field.optional, typeOf(field.type)),
      })),
    };
  }
  function typeOf(type: Spec): unknown {
    switch (type.kind) {
      case 'record':
        return recordOf(type);
      case 'enum':
        records += 1;
        return { type: 'enum', name: `e${records}`, symbols: type.symbols };
      case 'array':
        return {
          type: 'array',
          items: optionally(type.optional, typeOf(type.values)),
        };
      case 'map':
        return {
          type: 'map',
          values: optionally(type.optional, typeOf(type.values)),
        };
      default:
        return SCALARS[type.kind].avro;
    }
  }
  return recordOf(root);
}

function optionally(optional: boolean, type: unknown): unknown {
  return optional ? ['null', type] : type;
}

/** Data that fits a spec, as `JSON.parse` would give it. */
export function dataOf(type: Spec): fc.Arbitrary<unknown> {
  return rawDataOf(type).map(data => JSON.parse(JSON.stringify(data)));
}

function rawDataOf(type: Spec): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'record':
      return fc
        .tuple(
          ...type.fields.map(field =>
            field.optional
              ? fc.oneof(
                  rawDataOf(field.type),
                  fc.constant(null),
                  fc.constant(undefined),
                )
              : rawDataOf(field.type),
          ),
        )
        .map(values =>
          Object.fromEntries(
            type.fields.map((field, index) => [field.jsonName, values[index]]),
          ),
        );
    case 'enum':
      return fc.constantFrom(...type.symbols);
    case 'array':
      return fc.array(itemOf(type), { maxLength: 3 });
    case 'map':
      return fc.dictionary(fc.string(), itemOf(type), { maxKeys: 3 });
    default:
      return SCALARS[type.kind].data;
  }
}

function itemOf(type: Extract<Spec, { kind: 'array' | 'map' }>) {
  const values = rawDataOf(type.values);
  return type.optional ? fc.option(values) : values;
}
