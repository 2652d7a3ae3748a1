import { StoredSchemas } from './StoredSchemas';

const textOf = (field: string) =>
  JSON.stringify({
    type: 'record',
    name: 'event',
    fields: [{ name: field, type: 'string' }],
  });

describe('StoredSchemas', () => {
  it('reads a text once, wherever it comes from', () => {
    const schemas = new StoredSchemas();
    const read = schemas.read(textOf('a'));
    expect(schemas.read(`${textOf('a')}`)).toBe(read);
    expect(schemas.read(textOf('b'))).not.toBe(read);
    expect(read.avro.fields[0]).toMatchObject({ name: 'a' });
  });

  it('forgets what was not asked for longest, and stays below its limit', () => {
    const each = textOf('a').length;
    const schemas = new StoredSchemas({ maxBytes: 3 * each });
    const [a] = ['a', 'b', 'c'].map(name => schemas.read(textOf(name)));
    expect(schemas.read(textOf('a'))).toBe(a);
    schemas.read(textOf('d'));
    expect(schemas.bytes).toBe(3 * each);
    expect(schemas.read(textOf('a'))).toBe(a);
    for (let n = 0; n < 100; n++) {
      schemas.read(textOf(`field_${n}`));
      expect(schemas.bytes).toBeLessThanOrEqual(3 * each);
    }
    expect(schemas.read(textOf('a'))).not.toBe(a);
  });

  it('reads what is larger than all it may remember, and does not remember it', () => {
    const schemas = new StoredSchemas({ maxBytes: 10 });
    expect(schemas.read(textOf('a')).avro.name).toBe('event');
    expect(schemas.bytes).toBe(0);
  });
});
