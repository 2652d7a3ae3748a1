import fc from 'fast-check';
import {
  arbitraryRecordSpec,
  avroOf,
  dataOf,
} from '../__testUtils__/arbitraries';
import { parseEventSchema } from '../avro';
import { compileValidator } from '../validation';
import { compileMatcher } from './compileMatcher';

const specWithData = arbitraryRecordSpec.chain(spec =>
  fc.record({ spec: fc.constant(spec), data: dataOf(spec) }),
);

function schemaOf(...fields: object[]) {
  return parseEventSchema({ type: 'record', name: 'event', fields });
}

function matches(schema: ReturnType<typeof schemaOf>, text: string): boolean {
  const bytes = Buffer.from(`?${text},`);
  const end = compileMatcher(schema)(bytes, 1);
  expect([-1, bytes.length - 1]).toContain(end);
  return end !== -1;
}

/** White space at a random place does not change what is meant. */
function spaced(json: string, space: string): string {
  return json
    .replace(/[{}[\],:]|"(?:[^"\\]|\\.)*"/g, token =>
      token.startsWith('"') ? token : `${space}${token}${space}`,
    )
    .trim();
}

describe('compileMatcher', () => {
  it('recognises nothing that the validator would refuse, however bytes are changed', () => {
    let recognised = 0;
    fc.assert(
      fc.property(
        specWithData,
        fc.array(
          fc.record({
            at: fc.nat(),
            remove: fc.nat(2),
            insert: fc.constantFrom(
              '',
              '"',
              '0',
              '1e9',
              '-',
              '\\',
              '{}',
              ',',
              'null',
              ' ',
              '\u0001',
              '}',
              ']',
              '.5',
              '"a":1,',
            ),
          }),
          { maxLength: 2 },
        ),
        ({ spec, data }, edits) => {
          const schema = parseEventSchema(avroOf(spec));
          const json = edits.reduce((text, { at, remove, insert }) => {
            const place = at % (text.length + 1);
            return (
              text.slice(0, place) +
              insert +
              text.slice(place + remove)
            ).replace(/\p{Cs}/gu, '');
          }, JSON.stringify(data).replace(/\p{Cs}/gu, ''));
          const bytes = Buffer.from(json);
          const end = compileMatcher(schema)(bytes, 0);
          if (end === -1) {
            return true;
          }
          recognised += 1;
          const read = JSON.parse(bytes.toString('utf8', 0, end));
          return compileValidator(schema)(read).length === 0;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(recognised).toBeGreaterThan(300);
  });

  it.each(['', ' ', '\n\t '])(
    'recognises ordinary data, with %j between its tokens',
    space => {
      const schema = schemaOf(
        { name: 'id', type: 'string' },
        { name: 'n', type: 'long' },
        { name: 'small', type: ['null', 'int'] },
        { name: 'price', type: 'double' },
        { name: 'ok', type: 'boolean' },
        {
          name: 'at',
          type: { type: 'long', logicalType: 'timestamp-millis' },
        },
        { name: 'day', type: { type: 'int', logicalType: 'date' } },
        { name: 'key', type: { type: 'string', logicalType: 'uuid' } },
        { name: 'any', type: { type: 'string', logicalType: 'json' } },
        {
          name: 'kind',
          type: { type: 'enum', name: 'kind', symbols: ['A', 'B'] },
        },
        { name: 'tags', type: { type: 'array', items: 'string' } },
        { name: 'labels', type: { type: 'map', values: ['null', 'int'] } },
      );
      const data = {
        id: 'Grüße "hier" \n',
        n: -123_456_789_012_345,
        small: null,
        price: 12.5,
        ok: true,
        at: '2026-01-31T12:00:00.123+01:00',
        day: '2026-12-31',
        key: '123e4567-E89B-12d3-a456-426614174000',
        any: [{ a: [null, 1.5, 'x', {}] }, []],
        kind: 'B',
        tags: ['a', 'b'],
        labels: { x: 1, y: null },
      };
      expect(matches(schema, spaced(JSON.stringify(data), space))).toBe(true);
      const reversed = Object.fromEntries(Object.entries(data).reverse());
      expect(matches(schema, JSON.stringify(reversed))).toBe(true);
    },
  );

  it.each([
    ['a field twice', '{"a":1,"a":1}'],
    ['a name twice, once in escapes', '{"j":{"a":1,"\\u0061":1}}'],
    ['a name twice in a value of any shape', '{"j":[{"a":1,"a":1}]}'],
    ['a name twice in a map', '{"m":{"a":1,"a":1}}'],
    ['a name that changes prototypes', '{"j":{"__proto__":1}}'],
    ['the same in a map', '{"m":{"constructor":1}}'],
    ['half a surrogate pair', '{"s":"\\ud800"}'],
    ['a number that loses digits', '{"j":12345678901234567}'],
    ['a number with an exponent', '{"d":1e400}'],
    ['a number with a leading zero', '{"a":01}'],
    ['a control character', '{"s":"a\u0001"}'],
    ['an unknown field', '{"z":1}'],
    ['the 29th of February', '{"t":"2026-02-29"}'],
    ['a text cut off', '{"s":"a'],
    ['an object cut off', '{"s":"a"'],
    ['a comma too much', '{"a":1,}'],
    ['a deep value', `{"j":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['many names', JSON.stringify({ m: Object.fromEntries(manyNames(40)) })],
  ])('leaves %s to others', (_name, text) => {
    const optional = (name: string, type: unknown) => ({
      name,
      type: ['null', type],
    });
    const schema = schemaOf(
      optional('a', 'long'),
      optional('d', 'double'),
      optional('s', 'string'),
      optional('t', { type: 'int', logicalType: 'date' }),
      optional('j', { type: 'string', logicalType: 'json' }),
      optional('m', { type: 'map', values: 'int' }),
    );
    const bytes = Buffer.from(text);
    expect(compileMatcher(schema)(bytes, 0)).toBe(-1);
    expect(matches(schema, '{"a":1}')).toBe(true);
  });

  it('does not recognise data without a required field', () => {
    const fields = Array.from({ length: 70 }, (_, i) => ({
      name: `f${i}`,
      type: 'int',
    }));
    const data = Object.fromEntries(fields.map(({ name }) => [name, 1]));
    expect(matches(schemaOf(...fields), JSON.stringify(data))).toBe(true);
    for (const { name } of fields) {
      const { [name]: _left, ...rest } = data;
      expect(matches(schemaOf(...fields), JSON.stringify(rest))).toBe(false);
    }
  });
});

function manyNames(count: number): [string, number][] {
  return Array.from({ length: count }, (_, i) => [`n${i}`, i]);
}
