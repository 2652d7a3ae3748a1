import fc from 'fast-check';
import {
  arbitraryRecordSpec,
  arbitrarySpec,
  avroOf,
  dataOf,
  RecordSpec,
} from '../__testUtils__/arbitraries';
import { parseEventSchema } from '../avro';
import { compileValidator } from '../validation';
import { compareSchemas } from './compareSchemas';

function schemaOf(...fields: object[]) {
  return parseEventSchema({ type: 'record', name: 'event', fields });
}

/** A next version: each field is kept, changed, dropped or joined by another. */
const evolution = arbitraryRecordSpec.chain(previous =>
  fc
    .tuple(
      ...previous.fields.map(field =>
        fc.oneof(
          { weight: 6, arbitrary: fc.constant([field]) },
          {
            weight: 2,
            arbitrary: fc.constant([{ ...field, optional: !field.optional }]),
          },
          { weight: 1, arbitrary: fc.constant([]) },
          {
            weight: 1,
            arbitrary: arbitrarySpec.map(type => [{ ...field, type }]),
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
        ),
      ),
    )
    .map(parts => ({
      previous,
      next: { kind: 'record', fields: parts.flat() } as RecordSpec,
    })),
);

describe('compareSchemas', () => {
  it('finds nothing only if every event of the previous version still fits', () => {
    let compatible = 0;
    fc.assert(
      fc.property(
        evolution.chain(({ previous, next }) =>
          fc.record({
            previous: fc.constant(previous),
            next: fc.constant(next),
            data: dataOf(previous),
          }),
        ),
        ({ previous, next, data }) => {
          const nextSchema = parseEventSchema(avroOf(next));
          const isCompatible =
            compareSchemas(parseEventSchema(avroOf(previous)), nextSchema)
              .length === 0;
          compatible += isCompatible ? 1 : 0;
          const problems = compileValidator(nextSchema)(data);
          expect(isCompatible ? problems : []).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
    expect(compatible).toBeGreaterThan(20);
  });

  const enumOf = (...symbols: string[]) => ({
    type: 'enum',
    name: 'e',
    symbols,
  });
  const recordOf = (...fields: object[]) => ({
    type: 'record',
    name: 'inner',
    fields,
  });
  const a = { name: 'a', type: 'int' };

  it.each<[string, object[], object[], [string, string][]]>([
    ['nothing changed', [a], [a], []],
    ['optional field added', [], [{ name: 'a', type: ['null', 'int'] }], []],
    ['required field added', [], [a], [['required_field_added', '/data/a']]],
    ['field removed', [a], [], [['field_removed', '/data/a']]],
    ['became optional', [a], [{ name: 'a', type: ['null', 'int'] }], []],
    [
      'became required',
      [{ name: 'a', type: ['null', 'int'] }],
      [a],
      [['became_required', '/data/a']],
    ],
    ['int to long', [a], [{ name: 'a', type: 'long' }], []],
    [
      'long to int',
      [{ name: 'a', type: 'long' }],
      [a],
      [['field_type_narrowed', '/data/a']],
    ],
    [
      'float to double',
      [{ name: 'a', type: 'float' }],
      [{ name: 'a', type: 'double' }],
      [],
    ],
    [
      'int to double',
      [a],
      [{ name: 'a', type: 'double' }],
      [['field_type_changed', '/data/a']],
    ],
    [
      'symbol added',
      [{ name: 'a', type: enumOf('A') }],
      [{ name: 'a', type: enumOf('A', 'B') }],
      [],
    ],
    [
      'symbol removed',
      [{ name: 'a', type: enumOf('A', 'B') }],
      [{ name: 'a', type: enumOf('A') }],
      [['enum_symbols_removed', '/data/a']],
    ],
    [
      'enum to string',
      [{ name: 'a', type: enumOf('A') }],
      [{ name: 'a', type: 'string' }],
      [],
    ],
    [
      'Avro name changed, JSON name kept',
      [{ name: 'a', jsonName: '+1', type: 'int' }],
      [{ name: 'b', jsonName: '+1', type: 'int' }],
      [],
    ],
    [
      'change inside a list of records',
      [{ name: 'l', type: { type: 'array', items: recordOf(a) } }],
      [
        {
          name: 'l',
          type: {
            type: 'array',
            items: recordOf({ name: 'a', type: 'string' }),
          },
        },
      ],
      [['field_type_changed', '/data/l/*/a']],
    ],
    [
      'list items became required',
      [{ name: 'l', type: { type: 'array', items: ['null', 'int'] } }],
      [{ name: 'l', type: { type: 'array', items: 'int' } }],
      [['became_required', '/data/l/*']],
    ],
    [
      'first field of a record, which was stored as JSON until now',
      [{ name: 'r', type: recordOf() }],
      [{ name: 'r', type: recordOf({ name: 'a', type: ['null', 'int'] }) }],
      [['field_type_changed', '/data/r']],
    ],
  ])('%s', (_, previous, next, expected) => {
    expect(
      compareSchemas(schemaOf(...previous), schemaOf(...next)).map(
        ({ code, pointer }) => [code, pointer],
      ),
    ).toEqual(expected);
  });
});
