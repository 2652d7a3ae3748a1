import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '../database/migrate';

describe('tables of protocols', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('hold what they must, refuse what they must not, and go with their event type', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateDatabase(mockServices.database({ knex }));
    const stamp = { created_at: new Date(), created_by: 'user:default/owner' };
    await knex('event_types').insert({
      name: 'push',
      owner: 'group:default/webhooks',
      tier: 'normal',
      version: 1,
      generation: 1,
      origin: 'portal',
      updated_at: new Date(),
      updated_by: 'user:default/owner',
      ...stamp,
    });
    await knex('event_type_versions').insert({
      event_type: 'push',
      version: 1,
      schema: '{}',
      fields: '[]',
      ...stamp,
    });

    const schema = {
      event_type: 'push',
      version: 1,
      kind: 'AVRO',
      digest: 'a',
      content: '{}',
      ...stamp,
    };
    const [{ id, guid }] = await knex('registry_schemas')
      .insert(schema)
      .returning(['id', 'guid']);
    expect(id).toBe(1);
    expect(guid).toMatch(/^[0-9a-f-]{36}$/);
    for (const [wrong, reason] of [
      [{}, /duplicate key/],
      [{ digest: 'b', kind: 'PROTOBUF' }, /check constraint/],
      [{ digest: 'b', version: 2 }, /foreign key/],
      // Four bytes stand in front of an encoded value.
      [{ digest: 'b', id: 2 ** 31 }, /out of range/],
    ] as const) {
      await expect(
        knex('registry_schemas').insert({ ...schema, ...wrong }),
      ).rejects.toThrow(reason);
    }

    const shown = { event_type: 'push', version: 1, schema_id: id };
    await knex('registry_versions').insert(shown);
    await expect(knex('registry_versions').insert(shown)).rejects.toThrow(
      /duplicate key/,
    );

    await knex('contracts').insert({
      event_type: 'push',
      document: '{"z":1,"a":{"c":2,"b":3}}',
      api_version: 'v3.1.0',
      imported_at: new Date(),
      imported_by: 'user:default/owner',
    });
    const kept = await knex('contracts').first('document');
    expect(JSON.stringify(kept.document)).toBe('{"z":1,"a":{"c":2,"b":3}}');

    await knex('event_types').delete();
    for (const table of [
      'registry_schemas',
      'registry_versions',
      'contracts',
    ]) {
      expect(await knex(table).count()).toEqual([{ count: '0' }]);
    }
  });
});
