import fc from 'fast-check';
import { arbitraryRecordSpec, avroOf } from '../__testUtils__/arbitraries';
import { parseEventSchema } from '../avro';
import {
  BigQueryField,
  bigQueryFields,
  duckdbColumns,
  summarizeFields,
} from '.';

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

  it('gives every type its BigQuery type, none of them required', () => {
    const loadable = parseEventSchema({
      ...schema.avro,
      fields: schema.avro.fields.flatMap(field =>
        ['authors', 'by_name'].includes(field.name) ? [] : [field],
      ),
    });
    const text = ({ name, type, mode }: BigQueryField) =>
      `${name} ${type}${mode === 'REPEATED' ? '[]' : ''}`;
    expect(bigQueryFields(loadable).slice(9).map(text)).toEqual([
      'int INT64',
      'long INT64',
      'float FLOAT64',
      'double FLOAT64',
      'boolean BOOL',
      'enum STRING',
      'micros TIMESTAMP',
      'millis TIMESTAMP',
      'date DATE',
      'uuid BYTES',
      'json JSON',
      'empty JSON',
    ]);
    const nested = parseEventSchema({
      type: 'record',
      name: 'event',
      fields: [
        {
          name: 'items',
          type: {
            type: 'array',
            items: {
              type: 'record',
              name: 'item',
              fields: [
                { name: 'plus_1', jsonName: '+1', type: 'long' },
                { name: 'tags', type: { type: 'array', items: 'string' } },
              ],
            },
          },
        },
        { name: 'by_name', type: { type: 'map', values: 'item' } },
      ],
    });
    const ITEM = [
      { name: '+1', type: 'INT64', mode: 'NULLABLE' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    ];
    const [id, ...columns] = bigQueryFields(nested);
    expect(id).toEqual({ name: '_id', type: 'STRING', mode: 'NULLABLE' });
    expect(columns.slice(8)).toEqual([
      { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: ITEM },
      {
        name: 'by_name',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          { name: 'key', type: 'STRING', mode: 'NULLABLE' },
          { name: 'value', type: 'RECORD', mode: 'NULLABLE', fields: ITEM },
        ],
      },
    ]);
  });

  it.each([
    [{ type: 'array', items: { type: 'array', items: 'long' } }, 'lists'],
    [{ type: 'array', items: ['null', 'long'] }, 'null'],
    [
      {
        type: 'record',
        name: 'r',
        fields: [{ name: 'q', jsonName: 'say "so"', type: 'long' }],
      },
      `'x.say "so"' has a name`,
    ],
  ])('says which field BigQuery cannot take: %#', (type, words) => {
    const unloadable = parseEventSchema({
      type: 'record',
      name: 'event',
      fields: [{ name: 'x', type }],
    });
    expect(() => bigQueryFields(unloadable)).toThrow(
      expect.objectContaining({
        code: 'not_loadable',
        message: expect.stringContaining(words),
      }),
    );
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
