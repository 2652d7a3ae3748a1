import fc from 'fast-check';
import {
  arbitraryRecordSpec,
  arbitrarySpec,
  FieldSpec,
  RecordSpec,
  Spec,
} from './arbitraries';

/** A schema and what somebody made of it next. */
export interface Evolution {
  previous: RecordSpec;
  next: RecordSpec;
}

/** Types that people change into each other, whether it is safe or not. */
const NEIGHBOURS: Partial<Record<Spec['kind'], Spec[]>> = {
  int: [{ kind: 'long' }, { kind: 'double' }, { kind: 'string' }],
  long: [{ kind: 'int' }, { kind: 'double' }, { kind: 'timestamp' }],
  float: [{ kind: 'double' }, { kind: 'long' }],
  double: [{ kind: 'float' }, { kind: 'long' }],
  string: [
    { kind: 'enum', symbols: ['A', 'B'] },
    { kind: 'json' },
    { kind: 'uuid' },
  ],
  uuid: [{ kind: 'string' }],
  timestamp: [{ kind: 'string' }, { kind: 'long' }, { kind: 'date' }],
  date: [{ kind: 'string' }, { kind: 'timestamp' }],
  json: [{ kind: 'string' }, { kind: 'record', fields: [] }],
};

/** One or none per field, so that most schemas differ in few places. */
export const arbitraryEvolution: fc.Arbitrary<Evolution> =
  arbitraryRecordSpec.chain(previous =>
    evolveRecord(previous).map(next => ({ previous, next })),
  );

function evolveRecord(record: RecordSpec): fc.Arbitrary<RecordSpec> {
  return fc
    .tuple(...record.fields.map(evolveField))
    .map(parts => ({ kind: 'record', fields: parts.flat() }));
}

function evolveField(field: FieldSpec): fc.Arbitrary<FieldSpec[]> {
  return fc.oneof<fc.WeightedArbitrary<FieldSpec[]>[]>(
    { weight: 9, arbitrary: fc.constant([field]) },
    {
      weight: 2,
      arbitrary: fc.constant([{ ...field, optional: !field.optional }]),
    },
    { weight: 1, arbitrary: fc.constant([]) },
    {
      weight: 4,
      arbitrary: evolveType(field.type).map(type => [{ ...field, type }]),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.boolean(), arbitrarySpec)
        .map(([optional, type]) => [
          field,
          { jsonName: `new ${field.jsonName}`, optional, type },
        ]),
    },
  );
}

function evolveType(type: Spec): fc.Arbitrary<Spec> {
  switch (type.kind) {
    case 'record':
      return fc.oneof(
        { weight: 6, arbitrary: evolveRecord(type) },
        { weight: 1, arbitrary: arbitrarySpec },
      );
    case 'array':
    case 'map':
      return fc.record({
        kind: fc.constant(type.kind),
        values: evolveType(type.values),
        optional: fc.oneof(fc.constant(type.optional), fc.boolean()),
      });
    case 'enum':
      return fc.constantFrom<Spec>(
        { kind: 'enum', symbols: [...type.symbols, 'ANOTHER'] },
        {
          kind: 'enum',
          symbols: type.symbols
            .slice(1)
            .concat(type.symbols.length > 1 ? [] : 'X'),
        },
        { kind: 'string' },
      );
    default:
      return fc.constantFrom<Spec>(type, ...(NEIGHBOURS[type.kind] ?? []));
  }
}
