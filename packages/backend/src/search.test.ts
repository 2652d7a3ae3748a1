import {
  type BackstageCredentials,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import searchPlugin from '@backstage/plugin-search-backend';
import searchModulePg from '@backstage/plugin-search-backend-module-pg';
import eventTypesPlugin, {
  searchModuleEventTypes,
} from '@millrace/plugin-event-types-backend';
import request from 'supertest';

jest.setTimeout(180_000);

const OWNER = 'user:default/owner';
const PARTNER = 'user:default/partner';
const OUTSIDER = 'user:default/outsider';

/** What each event type is called, and who owns it. */
const OWNERS = new Map([
  ['shop.order_placed', 'group:default/shop'],
  ['github.push', 'group:default/webhooks'],
]);

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** The owner reads all, the partner what one group owns, the outsider nothing. */
function decide(
  credentials: BackstageCredentials,
  permission: { name: string },
): PolicyDecision {
  const principal = Object(credentials.principal);
  const ref = Reflect.get(principal, 'userEntityRef');
  if (principal.type === 'service' || ref === OWNER) {
    return ALLOW;
  }
  return ref === PARTNER && permission.name === 'event-types.event-type.read'
    ? {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'event-types',
        resourceType: 'event-type',
        conditions: {
          rule: 'IS_OWNER',
          resourceType: 'event-type',
          params: { claims: ['group:default/webhooks'] },
        },
      }
    : DENY;
}

/** As the permission backend does: a condition is held against the resource. */
const permissions = mockServices.permissions.mock({
  authorizeConditional: async (queries, { credentials }) =>
    queries.map(({ permission }) => decide(credentials, permission)),
  authorize: async (queries, { credentials }) =>
    queries.map(query => {
      const decision = decide(credentials, query.permission);
      const isOwned =
        OWNERS.get(query.resourceRef ?? '') === 'group:default/webhooks';
      return decision.result === AuthorizeResult.CONDITIONAL
        ? {
            result: isOwned ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
          }
        : { result: decision.result };
    }),
});

const groups = ['shop', 'webhooks'].map(name => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, namespace: 'default' },
  spec: { type: 'team', children: [] },
}));

describe('the search of the portal', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('finds event types by name, field and meaning, for those who may read them', async () => {
    const scheduler = mockServices.scheduler();
    const backend = await startTestBackend({
      features: [
        eventTypesPlugin,
        searchModuleEventTypes,
        searchPlugin,
        searchModulePg,
        permissions.factory,
        mockServices.rootConfig.factory({
          data: {
            permission: { enabled: true },
            search: { permissions: { queryLatencyBudgetMs: 60_000 } },
          },
        }),
        catalogServiceMock.factory({ entities: groups }),
        // Each plugin has a database of its own, as in an installation.
        createServiceFactory({
          service: coreServices.database,
          deps: {},
          factory: async () =>
            mockServices.database({
              knex: await databases.init('POSTGRES_18'),
            }),
        }),
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
      ],
    });
    const { server } = backend;
    try {
      for (const [name, field] of [
        ['shop.order_placed', 'buyerEmail'],
        ['github.push', 'pusher_email'],
      ]) {
        const registered = await request(server)
          .post('/api/event-types/event-types')
          .set('Authorization', mockCredentials.user.header(OWNER))
          .send({
            name,
            description: `It is ${name}`,
            owner: OWNERS.get(name),
            tier: 'normal',
            schema: {
              type: 'record',
              name: 'Event',
              fields: [{ name: field, type: 'string', semanticType: 'email' }],
            },
          });
        expect(registered.body).toMatchObject({ name, version: 1 });
      }
      await scheduler.triggerTask('search_index_event_type');

      const find = async (term: string, user: string) => {
        const { body } = await request(server)
          .get('/api/search/query')
          .query({ term })
          .set('Authorization', mockCredentials.user.header(user))
          .expect(200);
        const results: Array<{ type: string; document: { title: string } }> =
          body.results;
        return results
          .map(({ type, document }) => `${type} ${document.title}`)
          .sort();
      };
      const both = ['event-type github.push', 'event-type shop.order_placed'];
      for (const [term, expected] of [
        ['order', ['event-type shop.order_placed']],
        ['shop.order_placed', ['event-type shop.order_placed']],
        ['buyer', ['event-type shop.order_placed']],
        ['email', both],
        ['nothing-like-it', []],
      ] as const) {
        expect([term, await find(term, OWNER)]).toEqual([term, expected]);
      }
      expect(await find('email', PARTNER)).toEqual(['event-type github.push']);
      expect(await find('order', PARTNER)).toEqual([]);
      expect(await find('email', OUTSIDER)).toEqual([]);
      await request(server)
        .get('/api/search/query')
        .query({ term: 'email' })
        .set('Authorization', mockCredentials.none.header())
        .expect(401);
    } finally {
      await backend.stop();
    }
  });
});
