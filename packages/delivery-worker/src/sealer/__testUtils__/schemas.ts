const optional = (type: unknown) => ['null', type];

/** `{ n: 1 }`, with an optional time. */
export const SIMPLE_SCHEMA = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'n', type: 'long' },
    {
      name: 'at',
      type: optional({ type: 'long', logicalType: 'timestamp-micros' }),
    },
  ],
};

/** {@link SIMPLE_SCHEMA} with one more field, and a wider one. */
export const NEXT_SCHEMA = {
  ...SIMPLE_SCHEMA,
  fields: [
    ...SIMPLE_SCHEMA.fields,
    {
      name: 'shop',
      type: optional({
        type: 'record',
        name: 'Shop',
        fields: [{ name: 'city', type: 'string' }],
      }),
    },
  ],
};

/** Everything a schema can contain. */
export const NESTED_SCHEMA = {
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'big', type: 'long' },
    { name: 'small', type: optional('int') },
    { name: 'ratio', type: optional('double') },
    { name: 'flag', type: optional('boolean') },
    {
      name: 'kind',
      type: optional({ type: 'enum', name: 'Kind', symbols: ['a', 'b'] }),
    },
    {
      name: 'at',
      type: optional({ type: 'long', logicalType: 'timestamp-micros' }),
    },
    { name: 'day', type: optional({ type: 'int', logicalType: 'date' }) },
    { name: 'uuid', type: optional({ type: 'string', logicalType: 'uuid' }) },
    { name: 'json', type: optional({ type: 'string', logicalType: 'json' }) },
    { name: 'plus_one', jsonName: '+1', type: optional('long') },
    {
      name: 'items',
      type: optional({
        type: 'array',
        items: {
          type: 'record',
          name: 'Item',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'price', type: optional('double') },
            {
              name: 'seen_at',
              type: optional({ type: 'long', logicalType: 'timestamp-millis' }),
            },
            {
              name: 'tags',
              type: optional({ type: 'array', items: 'string' }),
            },
          ],
        },
      }),
    },
    {
      name: 'counts',
      type: optional({
        type: 'map',
        values: { type: 'array', items: 'long' },
      }),
    },
  ],
};
