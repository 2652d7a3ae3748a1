import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import mcpActionsPlugin from '@backstage/plugin-mcp-actions-backend';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import eventTypesPlugin from '@millrace/plugin-event-types-backend';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { AddressInfo } from 'node:net';
import request from 'supertest';

jest.setTimeout(180_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const OUTSIDER = mockCredentials.user.header('user:default/outsider');

describe('an agent that speaks the Model Context Protocol', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('finds tools, and uses them as the person whose token it has', async () => {
    const backend = await startTestBackend({
      features: [
        eventTypesPlugin,
        mcpActionsPlugin,
        // The real services: actions are listed and invoked over HTTP.
        actionsRegistryServiceFactory,
        actionsServiceFactory,
        mockServices.database.factory({
          knex: await databases.init('POSTGRES_18'),
        }),
        mockServices.rootConfig.factory({
          data: { backend: { actions: { pluginSources: ['event-types'] } } },
        }),
        mockServices.permissions.mock({
          authorizeConditional: async (queries, { credentials }) =>
            queries.map(() => ({ result: resultFor(credentials) })),
          authorize: async (queries, { credentials }) =>
            queries.map(() => ({ result: resultFor(credentials) })),
        }).factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { name: 'shop', namespace: 'default' },
              spec: { type: 'team', children: [] },
            },
          ],
        }),
      ],
    });
    const clients: Client[] = [];
    const connect = async (authorization: string) => {
      const { port } = backend.server.address() as AddressInfo;
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(
        new StreamableHTTPClientTransport(
          new URL(`http://127.0.0.1:${port}/api/mcp-actions/v1`),
          { requestInit: { headers: { authorization } } },
        ),
      );
      clients.push(client);
      return client;
    };
    try {
      await request(backend.server)
        .post('/api/event-types/event-types')
        .set('Authorization', OWNER)
        .send({
          name: 'shop.order_placed',
          description: 'Somebody ordered',
          owner: 'group:default/shop',
          tier: 'normal',
          schema: {
            type: 'record',
            name: 'Order',
            fields: [{ name: 'email', type: 'string', semanticType: 'email' }],
          },
        })
        .expect(201);

      const owner = await connect(OWNER);
      const { tools } = await owner.listTools();
      const named = (part: string) => {
        const tool = tools.find(({ name }) => name.endsWith(part));
        if (!tool) {
          throw new Error(`There is no tool ${part}`);
        }
        return tool;
      };
      expect(tools).toHaveLength(3);
      expect(named('find-event-types').annotations).toMatchObject({
        readOnlyHint: true,
        destructiveHint: false,
      });
      expect(named('draft-registration').annotations).toMatchObject({
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
      });

      const find = (client: Client) =>
        client.callTool({
          name: named('find-event-types').name,
          arguments: { semanticType: 'email' },
        });
      expect(JSON.stringify(await find(owner))).toContain('shop.order_placed');

      const drafted = await owner.callTool({
        name: named('draft-registration').name,
        arguments: {
          key: 'k',
          name: 'shop.order_paid',
          samples: [{ id: 1, customer_email: 'jane@example.com' }],
        },
      });
      expect(JSON.stringify(drafted)).toContain('customer_email');
      expect(JSON.stringify(drafted)).not.toContain('jane');

      const outsider = await connect(OUTSIDER);
      expect(JSON.stringify(await find(outsider))).not.toContain(
        'shop.order_placed',
      );
      const refused = await outsider.callTool({
        name: named('explain-field').name,
        arguments: { eventType: 'shop.order_placed', path: 'email' },
      });
      expect(refused.isError).toBe(true);
    } finally {
      await Promise.all(clients.map(client => client.close()));
      await backend.stop();
    }
  });
});

/** Whoever has signed in may do everything, but for the outsider. */
function resultFor(credentials: {
  principal: unknown;
}): AuthorizeResult.ALLOW | AuthorizeResult.DENY {
  const ref: unknown = Reflect.get(
    Object(credentials.principal),
    'userEntityRef',
  );
  return ref === 'user:default/outsider'
    ? AuthorizeResult.DENY
    : AuthorizeResult.ALLOW;
}
