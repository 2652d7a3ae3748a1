import fc from 'fast-check';
import {
  arbitraryRecordSpec,
  avroOf,
  dataOf,
} from '../__testUtils__/arbitraries';
import { mutationsOf } from '../__testUtils__/mutations';
import { MAX_SCHEMA_FIELDS, parseEventSchema } from '../avro';
import { compileValidator } from './compileValidator';

const specWithData = arbitraryRecordSpec.chain(spec =>
  fc.record({ spec: fc.constant(spec), data: dataOf(spec) }),
);

function validatorFor(...fields: object[]) {
  return compileValidator(
    parseEventSchema({ type: 'record', name: 'event', fields }),
  );
}

describe('compileValidator', () => {
  it('accepts whatever fits the schema', () => {
    fc.assert(
      fc.property(specWithData, ({ spec, data }) => {
        const validate = compileValidator(parseEventSchema(avroOf(spec)));
        expect(validate(data)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('refuses data broken in one place, and points at that place', () => {
    fc.assert(
      fc.property(specWithData, fc.nat(), ({ spec, data }, choice) => {
        const validate = compileValidator(parseEventSchema(avroOf(spec)));
        const mutations = mutationsOf(spec, data as Record<string, unknown>);
        const mutation = mutations[choice % mutations.length];
        mutation.apply();
        expect(validate(data)).toEqual([
          {
            code: mutation.code,
            pointer: mutation.pointer,
            message: expect.any(String),
          },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([null, undefined, [], 'text', 1, true])(
    'refuses %p, which is not an object',
    data => {
      expect(validatorFor()(data)).toEqual([
        {
          code: 'wrong_type',
          pointer: '/data',
          message: 'Field /data must be an object',
        },
      ]);
    },
  );

  it('reports all problems at once, names the rule and never the value', () => {
    const validate = validatorFor(
      { name: 'id', type: 'long' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'kind', type: { type: 'enum', name: 'kind', symbols: ['A'] } },
      { name: 'who', type: 'string' },
    );
    const problems = validate({
      id: 'secret-1',
      at: 'secret-2',
      kind: 'secret-3',
      extra: 'secret-4',
    });
    expect(problems.map(({ code, pointer }) => [code, pointer]).sort()).toEqual(
      [
        ['invalid_value', '/data/at'],
        ['invalid_value', '/data/kind'],
        ['missing_field', '/data/who'],
        ['unknown_field', '/data/extra'],
        ['wrong_type', '/data/id'],
      ],
    );
    expect(JSON.stringify(problems)).not.toContain('secret');
    expect(problems).toContainEqual({
      code: 'wrong_type',
      pointer: '/data/id',
      message: 'Field /data/id must be an integer',
    });
  });

  it('reports at most 20 problems, and only the first of a huge event', () => {
    const validate = validatorFor({
      name: 'list',
      type: { type: 'array', items: 'long' },
    });
    const wrong = (length: number) => ({ list: Array(length).fill('x') });
    expect(validate(wrong(100))).toHaveLength(20);
    expect(validate(wrong(200_000))).toEqual([
      {
        code: 'wrong_type',
        pointer: '/data/list/0',
        message: 'Field /data/list/0 must be an integer',
      },
    ]);
  });

  it('judges the widest record allowed like any other', () => {
    const fields = Array.from({ length: MAX_SCHEMA_FIELDS }, (_, i) => ({
      name: `f${i}`,
      type: i % 2 ? 'long' : ['null', 'string'],
    }));
    const validate = validatorFor(...fields);
    const data: Record<string, unknown> = Object.fromEntries(
      fields.map(({ name }, i) => [name, i % 2 ? i : `${i}`]),
    );
    expect(validate(data)).toEqual([]);

    const { f1999: _missing, ...rest } = data;
    expect(
      validate({ ...rest, f1: 'one', f1000: 1, other: 1 })
        .map(({ code, pointer }) => [code, pointer])
        .sort(),
    ).toEqual([
      ['missing_field', '/data/f1999'],
      ['unknown_field', '/data/other'],
      ['wrong_type', '/data/f1'],
      ['wrong_type', '/data/f1000'],
    ]);
  });

  it('refuses numbers that lost digits on the way', () => {
    const validate = validatorFor({ name: 'n', type: 'long' });
    expect(validate(JSON.parse('{"n":9007199254740991}'))).toEqual([]);
    expect(validate(JSON.parse('{"n":9007199254740993}'))).toMatchObject([
      { code: 'invalid_value', pointer: '/data/n' },
    ]);
  });

  it('refuses a key __proto__ like any other unknown key', () => {
    const data = JSON.parse('{"__proto__":{"n":1}}');
    expect(validatorFor({ name: 'n', type: ['null', 'int'] })(data)).toEqual([
      {
        code: 'unknown_field',
        pointer: '/data/__proto__',
        message: 'Field /data/__proto__ is not in the schema',
      },
    ]);
  });

  it.each([
    ['too long', 'x'.repeat(5_000)],
    ['holding a control character', 'a\u0000b'],
    ['holding half a character', 'a\ud800b'],
  ])('points at the parent when an unknown key is %s', (_, key) => {
    const validate = validatorFor({
      name: 'inner',
      type: { type: 'record', name: 'inner', fields: [] },
    });
    expect(validate({ inner: { [key]: 1 } })).toEqual([
      {
        code: 'unknown_field',
        pointer: '/data/inner',
        message: 'A field in /data/inner is not in the schema',
      },
    ]);
  });
});
