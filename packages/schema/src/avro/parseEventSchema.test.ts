import { Type } from 'avsc';
import fc from 'fast-check';
import { arbitraryRecordSpec, avroOf } from '../__testUtils__/arbitraries';
import { unlessRefused } from '../__testUtils__/refusals';
import { SchemaError } from '../errors';
import { parseEventSchema } from './parseEventSchema';

function record(...fields: unknown[]): Record<string, unknown> {
  return { type: 'record', name: 'event', fields };
}

function problemsOf(input: unknown): [string, string][] {
  try {
    parseEventSchema(input);
  } catch (error) {
    if (error instanceof SchemaError && error.code === 'invalid_schema') {
      return error.problems.map(({ code, pointer }) => [code, pointer]);
    }
    throw error;
  }
  return [];
}

/** Replaces one node of a document, counted depth first. */
function replaceNode(document: unknown, index: number, by: unknown): unknown {
  let seen = -1;
  const visit = (node: unknown): unknown => {
    seen += 1;
    if (seen === index) {
      return by;
    }
    if (Array.isArray(node)) {
      return node.map(visit);
    }
    return typeof node === 'object' && node !== null
      ? Object.fromEntries(
          Object.entries(node).map(([key, value]) => [key, visit(value)]),
        )
      : node;
  };
  return visit(document);
}

describe('parseEventSchema', () => {
  it('gives back what any Avro tool reads, and reads it again unchanged', () => {
    fc.assert(
      fc.property(arbitraryRecordSpec, spec => {
        const { avro } = parseEventSchema(avroOf(spec));
        expect(() =>
          Type.forSchema(JSON.parse(JSON.stringify(avro))),
        ).not.toThrow();
        expect(parseEventSchema(avro).avro).toEqual(avro);
      }),
      { numRuns: 100 },
    );
  });

  it('never accepts what Avro refuses, and fails in no other way than its own', () => {
    const anything = fc.oneof(
      fc.constantFrom('null', 'int', 'record', 'bytes', 'r1', 'nowhere', ''),
      fc.constantFrom<unknown>(['null', 'int'], ['int', 'null'], ['null'], {}),
      fc.constantFrom<unknown>(
        { type: 'array' },
        { type: 'enum', name: 'x', symbols: [] },
        { type: 'fixed', name: 'x', size: 3 },
        { type: { type: 'string' } },
      ),
      fc.jsonValue(),
    );
    let accepted = 0;
    fc.assert(
      fc.property(
        arbitraryRecordSpec,
        fc.nat({ max: 60 }),
        anything,
        (spec, index, replacement) => {
          const input = replaceNode(avroOf(spec), index, replacement);
          const schema = unlessRefused(() => parseEventSchema(input));
          accepted += schema ? 1 : 0;
          Type.forSchema(JSON.parse(JSON.stringify(schema?.avro ?? 'null')));
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(25);
  });

  it('writes null first, drops attributes without meaning, keeps annotations', () => {
    expect(
      parseEventSchema({
        ...record({
          name: 'email',
          type: [{ type: 'string' }, 'null'],
          doc: 'Where to write to',
          semanticType: 'person.email',
          jsonName: 'email',
          order: 'ignore',
          aliases: ['mail'],
          retention: 30,
        }),
        doc: 'An event',
        aliases: ['old'],
      }).avro,
    ).toEqual({
      type: 'record',
      name: 'event',
      doc: 'An event',
      fields: [
        {
          name: 'email',
          type: ['null', 'string'],
          doc: 'Where to write to',
          semanticType: 'person.email',
          retention: 30,
          default: null,
        },
      ],
    });
  });

  it('freezes the result and shares nothing with the input', () => {
    const input = record({ name: 'a', type: { type: 'array', items: 'int' } });
    const schema = parseEventSchema(input);
    expect(Object.isFrozen(schema.avro.fields[0].type)).toBe(true);
    (input.fields as unknown[]).length = 0;
    expect(schema.avro.fields).toHaveLength(1);
  });

  it('resolves references to earlier definitions through namespaces', () => {
    const inner = { type: 'record', name: 'inner', fields: [] };
    expect(
      problemsOf({
        ...record(
          { name: 'a', type: inner },
          { name: 'b', type: 'inner' },
          { name: 'c', type: ['null', 'shop.inner'] },
        ),
        namespace: 'shop',
      }),
    ).toEqual([]);
  });

  const inner = (...fields: unknown[]) => ({
    type: 'record',
    name: 'inner',
    fields,
  });
  it.each<[string, unknown, [string, string][]]>([
    ['something else than a record', 'string', [['not_a_record', '']]],
    ['nothing', undefined, [['not_a_record', '']]],
    [
      'a record without fields',
      { type: 'record', name: 'event' },
      [['unsupported_type', '/fields']],
    ],
    [
      'a record named like a type',
      { ...record(), name: 'string' },
      [['invalid_name', '']],
    ],
    [
      'an illegal field name',
      record({ name: '+1', type: 'int' }),
      [['invalid_name', '/fields/0']],
    ],
    [
      'the JSON name __proto__',
      record({ name: 'a', jsonName: '__proto__', type: 'int' }),
      [['invalid_name', '/fields/0/jsonName']],
    ],
    [
      'a JSON name that cannot be printed',
      record({ name: 'a', jsonName: 'a\u0000', type: 'int' }),
      [['invalid_name', '/fields/0/jsonName']],
    ],
    [
      'a top-level name of the envelope',
      record({ name: 'id', jsonName: '_id', type: 'int' }),
      [['reserved_name', '/fields/0']],
    ],
    [
      'two fields with one name',
      record({ name: 'a', type: 'int' }, { name: 'a', type: 'int' }),
      // Once as Avro name and once as JSON name.
      [
        ['duplicate_name', '/fields/1'],
        ['duplicate_name', '/fields/1'],
      ],
    ],
    [
      'names that differ only in case',
      record(
        { name: 'a', jsonName: 'Id', type: 'int' },
        { name: 'b', jsonName: 'ID', type: 'int' },
      ),
      [['name_differs_only_in_case', '/fields/1']],
    ],
    [
      'bytes',
      record({ name: 'a', type: 'bytes' }),
      [['unsupported_type', '/fields/0/type']],
    ],
    [
      'an unknown logical type',
      record({ name: 'a', type: { type: 'int', logicalType: 'time-millis' } }),
      [['unsupported_type', '/fields/0/type']],
    ],
    [
      'a logical type on the wrong base',
      record({ name: 'a', type: { type: 'long', logicalType: 'date' } }),
      [['unsupported_type', '/fields/0/type']],
    ],
    [
      'a union of two types',
      record({ name: 'a', type: ['int', 'string'] }),
      [['unsupported_union', '/fields/0/type']],
    ],
    [
      'a union hidden in a union',
      record({ name: 'a', type: ['null', { type: ['null', 'int'] }] }),
      [['unsupported_union', '/fields/0/type']],
    ],
    [
      'a name nobody defined',
      record({ name: 'a', type: 'nowhere' }),
      [['unknown_reference', '/fields/0/type']],
    ],
    [
      'a record that contains itself',
      record({
        name: 'a',
        type: inner({ name: 'b', type: ['null', 'inner'] }),
      }),
      [['recursive_reference', '/fields/0/type/fields/0/type/1']],
    ],
    [
      'two definitions with one name',
      record({ name: 'a', type: inner() }, { name: 'b', type: inner() }),
      [['duplicate_name', '/fields/1/type']],
    ],
    [
      'an enum with one symbol twice',
      record({
        name: 'a',
        type: { type: 'enum', name: 'e', symbols: ['A', 'A'] },
      }),
      [['invalid_symbols', '/fields/0/type']],
    ],
    [
      'a default of an optional field other than null',
      record({ name: 'a', type: ['int', 'null'], default: 1 }),
      [['invalid_default', '/fields/0/default']],
    ],
    [
      'a default of another type',
      record({ name: 'a', type: 'int', default: 'one' }),
      [['invalid_default', '/fields/0/default']],
    ],
    [
      'an annotation that is not a scalar',
      record({ name: 'a', type: 'int', tags: ['x'] }),
      [['invalid_annotation', '/fields/0/tags']],
    ],
  ])('refuses %s', (_, input, problems) => {
    expect(problemsOf(input)).toEqual(problems);
  });

  it('bounds depth, inline, through references and in an endless object', () => {
    const nest = (levels: number, type: unknown): unknown =>
      levels === 0 ? type : { type: 'array', items: nest(levels - 1, type) };
    expect(problemsOf(record({ name: 'a', type: nest(30, 'int') }))).toEqual(
      [],
    );
    expect(
      problemsOf(record({ name: 'a', type: nest(31, 'int') })).map(([c]) => c),
    ).toEqual(['too_deep']);
    expect(
      problemsOf(
        record(
          { name: 'a', type: inner({ name: 'x', type: nest(20, 'int') }) },
          { name: 'b', type: nest(15, 'inner') },
        ),
      ).map(([code]) => code),
    ).toEqual(['too_deep']);
    const endless: Record<string, unknown> = { type: 'array' };
    endless.items = endless;
    expect(
      problemsOf(record({ name: 'a', type: endless })).map(([c]) => c),
    ).toEqual(['too_deep']);
  });

  it('counts fields as often as they appear, so that references cannot explode', () => {
    const fields = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, n) => ({
        name: `${prefix}${n}`,
        type: 'int',
      }));
    expect(problemsOf(record(...fields(2000, 'f')))).toEqual([]);
    expect(problemsOf(record(...fields(2001, 'f')))).toEqual([
      ['too_many_fields', '/fields/2000'],
    ]);
    const doubling = Array.from({ length: 30 }, (_, n) => ({
      name: `f${n}`,
      type: {
        type: 'record',
        name: `r${n}`,
        fields:
          n === 0
            ? fields(1, 'x')
            : [
                { name: 'a', type: `r${n - 1}` },
                { name: 'b', type: `r${n - 1}` },
              ],
      },
    }));
    expect(problemsOf(record(...doubling)).map(([code]) => code)).toEqual([
      'too_many_fields',
    ]);
  });

  it('stops collecting problems of a hopeless document', () => {
    const hopeless = Array.from({ length: 500 }, () => 'not a field');
    expect(problemsOf(record(...hopeless))).toHaveLength(50);
  });
});
