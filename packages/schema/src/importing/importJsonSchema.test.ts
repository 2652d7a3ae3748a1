import { AvroRecord } from '../avro';
import { SchemaError } from '../errors';
import { compileValidator } from '../validation';
import { importJsonSchema } from './importJsonSchema';

function importType(type: unknown): unknown {
  const { avro } = importJsonSchema(
    {
      type: 'object',
      properties: { value: type },
      required: ['value'],
      definitions: {
        tree: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/definitions/tree' } },
          },
        },
      },
    },
    { name: 'shop.event' },
  );
  return avro.fields[0].type;
}

const JSON_TYPE = { type: 'string', logicalType: 'json' };
const TIMESTAMP = { type: 'long', logicalType: 'timestamp-micros' };

function record(name: string, ...fields: object[]) {
  return { type: 'record', name, fields };
}

describe('importJsonSchema', () => {
  it.each<[string, unknown, unknown]>([
    ['string', { type: 'string' }, 'string'],
    ['integer', { type: 'integer' }, 'long'],
    ['number', { type: 'number' }, 'double'],
    ['boolean', { type: 'boolean' }, 'boolean'],
    ['date-time', { type: 'string', format: 'date-time' }, TIMESTAMP],
    [
      'date',
      { type: 'string', format: 'date' },
      { type: 'int', logicalType: 'date' },
    ],
    [
      'uuid',
      { type: 'string', format: 'uuid' },
      { type: 'string', logicalType: 'uuid' },
    ],
    ['another format', { type: 'string', format: 'uri' }, 'string'],
    ['an enum of strings', { enum: ['a', 'b'] }, 'string'],
    ['an enum with null', { enum: ['a', null] }, ['null', 'string']],
    ['a constant', { const: 7 }, 'long'],
    ['an enum of mixed types', { enum: ['a', 7] }, JSON_TYPE],
    ['a type or null', { type: ['string', 'null'] }, ['null', 'string']],
    [
      'variants, one of them null',
      { oneOf: [{ type: 'null' }, { type: 'integer' }] },
      ['null', 'long'],
    ],
    [
      'integer or number',
      { anyOf: [{ type: 'integer' }, { type: 'number' }] },
      'double',
    ],
    [
      'text with and without format',
      { oneOf: [{ type: 'string', format: 'date-time' }, { type: 'string' }] },
      'string',
    ],
    [
      'types in conflict',
      { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      JSON_TYPE,
    ],
    ['nothing said', {}, ['null', JSON_TYPE]],
    ['true', true, ['null', JSON_TYPE]],
    ['null alone', { type: 'null' }, ['null', JSON_TYPE]],
    [
      'a list',
      { type: 'array', items: { type: 'string' } },
      { type: 'array', items: 'string' },
    ],
    [
      'a list of anything',
      { type: 'array' },
      { type: 'array', items: JSON_TYPE },
    ],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'map', values: 'long' },
    ],
    ['an object of which nothing is known', { type: 'object' }, JSON_TYPE],
    [
      'an empty object',
      { type: 'object', additionalProperties: false },
      record('value'),
    ],
    [
      'an object that does not mention other keys',
      { type: 'object', properties: { a: { type: 'string' } } },
      record('value', { name: 'a', type: ['null', 'string'], default: null }),
    ],
    [
      'an object that expects other keys',
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: true,
      },
      JSON_TYPE,
    ],
    [
      'recursion',
      { $ref: '#/definitions/tree' },
      record(
        'value',
        { name: 'name', type: ['null', 'string'], default: null },
        {
          name: 'children',
          type: ['null', { type: 'array', items: ['null', JSON_TYPE] }],
          default: null,
        },
      ),
    ],
    [
      'allOf that extends and narrows',
      {
        allOf: [
          {
            type: 'object',
            properties: {
              at: { type: ['string', 'null'], format: 'date-time' },
              a: { type: 'string' },
            },
          },
          {
            type: 'object',
            properties: { at: { type: 'string' }, b: { type: 'integer' } },
            required: ['at'],
          },
        ],
      },
      record(
        'value',
        { name: 'at', type: TIMESTAMP },
        { name: 'a', type: ['null', 'string'], default: null },
        { name: 'b', type: ['null', 'long'], default: null },
      ),
    ],
  ])('%s', (_, schema, type) => {
    expect(importType(schema)).toEqual(type);
  });

  it('unites variants: required is what all of them require', () => {
    const variant = (action: string, properties: object) => ({
      type: 'object',
      required: ['action', 'id', ...Object.keys(properties)],
      properties: {
        action: { const: action },
        id: { type: 'integer', description: 'The number' },
        ...properties,
      },
    });
    const { avro } = importJsonSchema(
      {
        oneOf: [
          variant('opened', {}),
          variant('closed', { reason: { type: 'string' } }),
        ],
      },
      { name: 'shop.issue' },
    );
    expect(avro).toEqual(
      record(
        'shop_issue',
        { name: 'action', type: 'string' },
        { name: 'id', type: 'long', doc: 'The number' },
        { name: 'reason', type: ['null', 'string'], default: null },
      ),
    );
  });

  it('defines equal records once and refers to them again', () => {
    const user = {
      type: 'object',
      required: ['login'],
      properties: { login: { type: 'string' } },
    };
    const { avro } = importJsonSchema(
      {
        type: 'object',
        required: ['owner', 'sender'],
        properties: { owner: user, sender: user },
      },
      { name: 'shop.event' },
    );
    expect(avro.fields).toEqual([
      {
        name: 'owner',
        type: record('owner', { name: 'login', type: 'string' }),
      },
      { name: 'sender', type: 'owner' },
    ]);
  });

  it('finds Avro names for keys that are none, and keeps the keys', () => {
    const { avro } = importJsonSchema(
      {
        type: 'object',
        properties: {
          '+1': { type: 'integer' },
          '-1': { type: 'integer' },
          'a b': { type: 'integer' },
          'a/b': { type: 'integer' },
          '1st': { type: 'integer' },
        },
      },
      { name: 'shop.reactions' },
    );
    expect(avro.fields.map(({ name, jsonName }) => [name, jsonName])).toEqual([
      ['plus_1', '+1'],
      ['minus_1', '-1'],
      ['a_b', 'a b'],
      ['a_b_2', 'a/b'],
      ['n_1st', '1st'],
    ]);
  });

  it('keeps an object as JSON when its keys cannot be columns', () => {
    expect(
      importType({
        type: 'object',
        properties: { url: { type: 'string' }, URL: { type: 'string' } },
      }),
    ).toEqual(JSON_TYPE);
  });

  it('takes the listed properties of an open top level as the columns', () => {
    const { avro } = importJsonSchema(
      {
        $ref: '#/definitions/event',
        definitions: {
          event: {
            type: 'object',
            properties: { a: { type: 'string' } },
            additionalProperties: true,
          },
        },
      },
      { name: 'shop.event' },
    );
    expect((avro as AvroRecord).fields.map(({ name }) => name)).toEqual(['a']);
  });

  it.each<[string, unknown]>([
    ['something else than an object', { type: 'string' }],
    ['no document', undefined],
    ['an unknown type', { type: 'objekt' }],
    ['a reference into nowhere', { $ref: '#/definitions/nowhere' }],
    [
      'references that unfold without end',
      {
        $ref: '#/definitions/d30',
        definitions: Object.fromEntries(
          Array.from({ length: 31 }, (_, n) => [
            `d${n}`,
            {
              type: 'object',
              properties:
                n === 0
                  ? {}
                  : {
                      a: { $ref: `#/definitions/d${n - 1}` },
                      b: { $ref: `#/definitions/d${n - 1}` },
                    },
              additionalProperties: false,
            },
          ]),
        ),
      },
    ],
  ])('refuses %s', (_, document) => {
    expect(() => importJsonSchema(document, { name: 'shop.event' })).toThrow(
      expect.objectContaining({ code: 'invalid_json_schema' }),
    );
  });

  it.each([
    'https://example.com/a.json',
    'file:///etc/passwd',
    'a.json#/definitions/event',
    '//example.com/a',
  ])('refuses the reference %s to another document', $ref => {
    const document = { type: 'object', properties: { value: { $ref } } };
    expect(() => importJsonSchema(document, { name: 'shop.event' })).toThrow(
      expect.objectContaining({ code: 'remote_reference' }),
    );
  });

  it('makes no regular expression of what a person wrote', () => {
    const hostile = 'x(a+)+$(?<mark>hostile)';
    const compiled: string[] = [];
    const RealRegExp = RegExp;
    global.RegExp = new Proxy(RealRegExp, {
      construct(target, args) {
        compiled.push(String(args[0]));
        return Reflect.construct(target, args);
      },
      apply(target, self, args) {
        compiled.push(String(args[0]));
        return Reflect.apply(target, self, args);
      },
    });
    try {
      const schema = importJsonSchema(
        {
          type: 'object',
          properties: {
            value: { type: 'string', pattern: hostile, format: 'uuid' },
            open: { type: 'object', patternProperties: { [hostile]: {} } },
            names: { propertyNames: { pattern: hostile } },
            [hostile]: { type: 'string', format: 'date-time' },
          },
        },
        { name: 'shop.event' },
      );
      compileValidator(schema)({ value: 'a', [hostile]: 'a' });
    } finally {
      global.RegExp = RealRegExp;
    }
    // The patterns of our own formats come by here, so the proxy does see.
    expect(compiled).not.toEqual([]);
    expect(compiled.filter(each => each.includes('hostile'))).toEqual([]);
  });

  it('says why the result is not a schema', () => {
    expect(() =>
      importJsonSchema(
        { type: 'object', properties: { _id: { type: 'string' } } },
        { name: 'shop.event' },
      ),
    ).toThrow(
      expect.objectContaining<Partial<SchemaError>>({
        code: 'invalid_schema',
        problems: [expect.objectContaining({ code: 'reserved_name' })],
      }),
    );
  });
});
