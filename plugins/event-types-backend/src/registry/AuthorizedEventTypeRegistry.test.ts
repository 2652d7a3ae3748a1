import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { isEventTypeOwner } from '@millrace/plugin-event-types-node';
import { parseEventSchema } from '@millrace/schema';
import { group, ifOwner, record } from '../__testUtils__/startEventTypes';
import { migrateDatabase } from '../database/migrate';
import { AuthorizedEventTypeRegistry } from './AuthorizedEventTypeRegistry';
import { DefaultEventTypeRegistry } from './DefaultEventTypeRegistry';
import type { EventTypeRegistry, ParsedDeclaration } from './types';

const declaration: ParsedDeclaration = {
  name: 'push',
  description: 'Somebody pushed',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: parseEventSchema(record({ name: 'id', type: 'long' })),
};

describe('AuthorizedEventTypeRegistry', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const asUser = { credentials: mockCredentials.user('user:default/owner') };

  it('does not carry a permission over to what somebody else made of it meanwhile', async () => {
    const knex = await databases.init('POSTGRES_18');
    const db = await migrateDatabase(mockServices.database({ knex }));
    const registry = new DefaultEventTypeRegistry({
      db,
      auth: mockServices.auth(),
      catalog: catalogServiceMock({
        entities: [group('webhooks'), group('others')],
      }),
      events: mockServices.events(),
      logger: mockServices.logger.mock(),
    });
    await registry.create({ declaration }, asUser);

    // Between the permission check and the change, the event type is handed
    // over to a team the caller has no say in.
    const racing: EventTypeRegistry = {
      listItems: request => registry.listItems(request),
      list: request => registry.list(request),
      listGenerations: request => registry.listGenerations(request),
      listVersions: request => registry.listVersions(request),
      create: (request, options) => registry.create(request, options),
      update: (request, options) => registry.update(request, options),
      get: async request => {
        const before = await registry.get(request);
        await registry.update(
          { declaration: { ...declaration, owner: 'group:default/others' } },
          asUser,
        );
        return before;
      },
    };
    const authorized = new AuthorizedEventTypeRegistry({
      registry: racing,
      permissions: mockServices.permissions.mock({
        authorizeConditional: async queries =>
          queries.map(() => ifOwner('group:default/webhooks')),
        authorize: async requests =>
          requests.map(() => ({ result: AuthorizeResult.ALLOW })),
      }),
      ruleset: { getRuleByName: () => isEventTypeOwner },
    });

    await expect(
      authorized.update(
        { declaration: { ...declaration, tier: 'critical' } },
        asUser,
      ),
    ).rejects.toMatchObject({ problems: [{ code: 'changed_meanwhile' }] });
    expect(await registry.get({ name: 'push' })).toMatchObject({
      owner: 'group:default/others',
      tier: 'normal',
    });
  });
});
