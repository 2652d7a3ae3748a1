import { compileValidator } from '../validation';
import { schemaFromFields, SimpleField } from './schemaFromFields';

const fields: SimpleField[] = [
  { name: 'name', type: 'string', required: true, doc: 'Who' },
  { name: 'active', type: 'boolean', required: true },
  { name: 'count', type: 'integer', required: true },
  { name: 'price', type: 'number', required: true },
  { name: 'at', type: 'timestamp', required: true },
  { name: 'on', type: 'date', required: true },
  { name: 'more', type: 'json', required: false },
  { name: 'tags', type: 'string[]', required: false },
];

describe('schemaFromFields', () => {
  it('makes a schema that takes what the form describes', () => {
    const schema = schemaFromFields(fields, { name: 'shop.visit' });
    expect(schema.avro.name).toBe('shop_visit');
    expect(schema.avro.fields[0]).toEqual({
      name: 'name',
      type: 'string',
      doc: 'Who',
    });
    const validate = compileValidator(schema);
    const event = {
      name: 'x',
      active: true,
      count: 1,
      price: 1.5,
      at: '2026-11-21T13:00:00Z',
      on: '2026-11-21',
    };
    expect(validate(event)).toEqual([]);
    expect(validate({ ...event, more: [{}], tags: ['a'] })).toEqual([]);
    expect(validate({ ...event, count: 1.5, tags: [1] })).toMatchObject([
      { code: 'wrong_type', pointer: '/data/count' },
      { code: 'wrong_type', pointer: '/data/tags/0' },
    ]);
  });

  it('refuses two fields with one name, and a type that is not offered', () => {
    const invalid = expect.objectContaining({ code: 'invalid_schema' });
    expect(() =>
      schemaFromFields([fields[0], fields[0]], { name: 'shop.visit' }),
    ).toThrow(invalid);
    expect(() =>
      schemaFromFields(
        JSON.parse('[{"name":"a","type":"toString","required":true}]'),
        { name: 'shop.visit' },
      ),
    ).toThrow(invalid);
  });
});
