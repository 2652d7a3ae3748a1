import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { FieldSummary } from '@millrace/plugin-event-types-common';
import { migrateDatabase } from '../database/migrate';

const directory = resolvePackagePath(
  '@millrace/plugin-event-types-backend',
  'migrations',
);

const field = (
  path: string,
  more: Partial<FieldSummary> = {},
): FieldSummary => ({ path, type: 'string', required: true, ...more });

describe('the table of fields', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('is filled for what an earlier release registered, and goes with its event type', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateDatabase(mockServices.database({ knex }));
    // Back to the release before, whatever has come since.
    while (await knex.schema.hasTable('event_type_fields')) {
      await knex.migrate.down({ directory });
    }

    const by = { created_at: new Date(), created_by: 'user:default/owner' };
    const versions: FieldSummary[][] = [
      [field('id'), field('gone'), field('back')],
      [field('id'), field('gone')],
      [
        field('id', { type: 'long', doc: 'a\0b' }),
        field('back'),
        field('new', { required: false, semanticType: 'email' }),
      ],
    ];
    await knex('event_types').insert({
      name: 'push',
      owner: 'group:default/webhooks',
      tier: 'normal',
      version: versions.length,
      generation: versions.length,
      origin: 'portal',
      updated_at: new Date(),
      updated_by: 'user:default/owner',
      ...by,
    });
    await knex('event_type_versions').insert(
      versions.map((fields, at) => ({
        event_type: 'push',
        version: at + 1,
        schema: '{}',
        fields: JSON.stringify(fields),
        ...by,
      })),
    );

    await knex.migrate.latest({ directory });
    expect(
      await knex('event_type_fields').orderBy('position').select(),
    ).toEqual([
      {
        event_type: 'push',
        position: 0,
        path: 'id',
        type: 'long',
        required: true,
        doc: 'a\ufffdb',
        semantic_type: null,
        since_version: 1,
      },
      expect.objectContaining({ path: 'back', since_version: 3 }),
      expect.objectContaining({
        path: 'new',
        required: false,
        semantic_type: 'email',
        since_version: 3,
      }),
    ]);

    await knex('event_types').delete();
    expect(await knex('event_type_fields').count()).toEqual([{ count: '0' }]);
  });
});
