import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { migrateDatabase } from './migrate';

const directory = resolvePackagePath(
  '@millrace/plugin-event-types-backend',
  'migrations',
);

describe('migrations of event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('goes up, holds what it must and refuses what it must not, and goes down', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateDatabase(mockServices.database({ knex }));

    const row = {
      name: 'push',
      owner: 'group:default/webhooks',
      tier: 'normal',
      version: 1,
      generation: 1,
      origin: 'portal',
      created_at: new Date(),
      created_by: 'user:default/owner',
      updated_at: new Date(),
      updated_by: 'user:default/owner',
    };
    await knex('event_types').insert(row);
    const bad = { ...row, name: 'other' };
    for (const wrong of [
      { tier: 'urgent' },
      { origin: 'elsewhere' },
      { version: 2 },
      { orphaned_at: new Date() },
      { expected_events_per_day: 0 },
    ]) {
      await expect(
        knex('event_types').insert({ ...bad, ...wrong }),
      ).rejects.toThrow(/check constraint/);
    }
    const version = {
      event_type: 'push',
      version: 1,
      schema: '{"z":1,"a":2}',
      fields: '[]',
      created_at: new Date(),
      created_by: 'user:default/owner',
    };
    await knex('event_type_versions').insert(version);
    await expect(knex('event_type_versions').insert(version)).rejects.toThrow(
      /duplicate key/,
    );
    const stored = await knex('event_type_versions').first('schema');
    expect(Object.keys(stored.schema)).toEqual(['z', 'a']);

    // As an event type of an earlier release is: it says none of this.
    expect(await knex('event_types').first()).toMatchObject({
      retention: null,
      expected_events_per_day: null,
      tags: null,
      system: null,
      adopted_at: null,
      orphaned_at: null,
    });
    await expect(
      knex('event_types').update({ compatibility: 'half' }),
    ).rejects.toThrow(/check constraint/);
    await expect(
      knex('event_types').update({ deprecated_at: new Date() }),
    ).rejects.toThrow(/check constraint/);
    const major = {
      predecessor: 'push',
      successor: 'push.v2',
      reason: 'Because',
      schema: '{}',
      fields: '[]',
    };
    await knex('major_versions').insert({ ...major, state: 'refused' });
    await knex('major_versions').insert({ ...major, state: 'requested' });
    await expect(
      knex('major_versions').insert({ ...major, state: 'requested' }),
    ).rejects.toThrow(/duplicate key/);

    await knex.migrate.rollback({ directory }, true);
    expect(await knex.schema.hasTable('event_types')).toBe(false);
  });
});
