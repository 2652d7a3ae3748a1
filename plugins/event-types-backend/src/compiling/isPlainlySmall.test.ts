import {
  type EventSchema,
  compileValidator,
  parseEventSchema,
} from '@millrace/schema';
import { isPlainlySmall } from './isPlainlySmall';

const record = (name: string, ...fields: object[]) => ({
  type: 'record',
  name,
  fields,
});
const wide = (fields: number, type: unknown) =>
  record(
    'wide',
    ...Array.from({ length: fields }, (_, at) => ({ name: `f${at}`, type })),
  );
const deep = (levels: number): object =>
  record(`level_${levels}`, {
    name: 'inner',
    type: levels > 0 ? ['null', deep(levels - 1)] : 'string',
  });

function read(avro: object): EventSchema {
  return parseEventSchema(avro);
}

describe('isPlainlySmall', () => {
  it('takes what people write by hand, in every kind of type', () => {
    const { avro } = read(
      record(
        'order',
        { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
        { name: 'note', type: ['null', 'string'] },
        {
          name: 'kind',
          type: { type: 'enum', name: 'kind', symbols: ['one', 'record'] },
        },
        { name: 'tags', type: { type: 'map', values: 'string' } },
        {
          name: 'items',
          type: {
            type: 'array',
            items: record('item', { name: 'sku', type: 'string' }),
          },
        },
      ),
    );
    expect(isPlainlySmall(avro)).toBe(true);
  });

  it.each([
    ['as wide as it may be', wide(330, ['null', 'string'])],
    ['as deep as it may be', deep(11)],
  ])('takes nothing that does not compile: %s', (_, avro) => {
    const schema = read(avro);
    expect(isPlainlySmall(schema.avro)).toBe(true);
    expect(() => compileValidator(schema)({})).not.toThrow();
  });

  it.each([
    ['too wide', wide(1_000, 'string')],
    ['too deep', deep(13)],
    [
      'of too many symbols',
      record('a', {
        name: 'kind',
        type: {
          type: 'enum',
          name: 'kind',
          symbols: Array.from({ length: 1_000 }, (_, at) => `s${at}`),
        },
      }),
    ],
    [
      'a definition that is used again by its name',
      record(
        'a',
        {
          name: 'one',
          type: record('part', { name: 'x', type: 'string' }),
        },
        { name: 'two', type: 'part' },
      ),
    ],
    [
      'a list of one that is used again',
      record(
        'a',
        {
          name: 'one',
          type: record('part', { name: 'x', type: 'string' }),
        },
        { name: 'two', type: { type: 'array', items: 'part' } },
      ),
    ],
  ])('leaves alone what is %s', (_, avro) => {
    expect(isPlainlySmall(avro)).toBe(false);
  });
});
