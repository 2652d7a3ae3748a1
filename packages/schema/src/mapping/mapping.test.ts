import fc from 'fast-check';
import { arbitraryRecordSpec, avroOf } from '../__testUtils__/arbitraries';
import { parseEventSchema } from '../avro';
import { duckdbColumns, summarizeFields } from '.';

const schema = parseEventSchema({
  type: 'record',
  name: 'event',
  fields: [
    { name: 'int', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'float', type: 'float' },
    { name: 'double', type: ['null', 'double'] },
    { name: 'boolean', type: 'boolean', doc: 'Yes or no' },
    { name: 'enum', type: { type: 'enum', name: 'e', symbols: ['A', 'B'] } },
    {
      name: 'micros',
      type: { type: 'long', logicalType: 'timestamp-micros' },
    },
    {
      name: 'millis',
      type: { type: 'long', logicalType: 'timestamp-millis' },
    },
    { name: 'date', type: { type: 'int', logicalType: 'date' } },
    { name: 'uuid', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'json', type: { type: 'string', logicalType: 'json' } },
    {
      name: 'authors',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'author',
          fields: [
            { name: 'email', type: 'string', semanticType: 'person.email' },
            { name: 'plus_1', jsonName: '+1', type: ['null', 'long'] },
            { name: 'quoted', jsonName: 'say "so"', type: 'string' },
          ],
        },
      },
    },
    { name: 'by_name', type: { type: 'map', values: 'author' } },
    { name: 'empty', type: { type: 'record', name: 'none', fields: [] } },
  ],
});

const AUTHOR = 'STRUCT("email" VARCHAR, "+1" BIGINT, "say ""so""" VARCHAR)';

describe('mapping', () => {
  it('gives every type its DuckDB type', () => {
    expect(
      duckdbColumns(schema).map(({ name, type, required }) => [
        name,
        type,
        required,
      ]),
    ).toEqual([
      ['int', 'INTEGER', true],
      ['long', 'BIGINT', true],
      ['float', 'FLOAT', true],
      ['double', 'DOUBLE', false],
      ['boolean', 'BOOLEAN', true],
      ['enum', 'VARCHAR', true],
      ['micros', 'TIMESTAMP WITH TIME ZONE', true],
      ['millis', 'TIMESTAMP WITH TIME ZONE', true],
      ['date', 'DATE', true],
      ['uuid', 'UUID', true],
      ['json', 'JSON', true],
      ['authors', `${AUTHOR}[]`, true],
      ['by_name', `MAP(VARCHAR, ${AUTHOR})`, true],
      ['empty', 'JSON', true],
    ]);
  });

  it('summarises fields by path, through lists, maps and references', () => {
    const summaries = summarizeFields(schema);
    expect(summaries).toContainEqual({
      path: 'boolean',
      type: 'boolean',
      required: true,
      doc: 'Yes or no',
    });
    expect(
      summaries
        .slice(11)
        .map(({ path, type, required, semanticType }) => [
          path,
          type,
          required,
          semanticType,
        ]),
    ).toEqual([
      ['authors', 'array<record>', true, undefined],
      ['authors[].email', 'string', true, 'person.email'],
      ['authors[].+1', 'long', false, undefined],
      ['authors[].say "so"', 'string', true, undefined],
      ['by_name', 'map<record>', true, undefined],
      ['by_name{}.email', 'string', true, 'person.email'],
      ['by_name{}.+1', 'long', false, undefined],
      ['by_name{}.say "so"', 'string', true, undefined],
      ['empty', 'record', true, undefined],
    ]);
  });

  it('closes every quote and bracket, whatever the names', () => {
    fc.assert(
      fc.property(arbitraryRecordSpec, spec => {
        for (const { type } of duckdbColumns(parseEventSchema(avroOf(spec)))) {
          const bare = type.replace(/"(?:[^"]|"")*"/g, '');
          expect(bare).toMatch(/^[A-Z ,()[\]]+$/);
          expect(bare.split('(')).toHaveLength(bare.split(')').length);
        }
      }),
      { numRuns: 100 },
    );
  });
});
