import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  group,
  record,
  startEventTypes,
} from '../__testUtils__/startEventTypes';
import { createRegistryRoutes } from './createRegistryRoutes';
import { SchemaRegistry } from './SchemaRegistry';
import { SchemaNumbers } from './SchemaNumbers';

jest.setTimeout(120_000);

const unused = async () => {
  throw new Error('The route table is only listed');
};

const schema = JSON.stringify(record({ name: 'id', type: 'long' }));

/** What these answer does not depend on any event type that is there. */
const SAME_FOR_ALL = /^get \/(config|associations)/;

describe('route table of the schema registry protocol', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('guards every route by a token and a permission, and changes nothing without', async () => {
    const knex = await databases.init('POSTGRES_18');
    const routes = createRegistryRoutes({
      auditor: mockServices.auditor.mock(),
      auth: mockServices.auth.mock(),
      httpAuth: mockServices.httpAuth.mock(),
      schemas: new SchemaRegistry({
        auth: mockServices.auth.mock(),
        compiler: { compile: unused },
        evolver: {} as never,
        newSubjects: [],
        numbers: new SchemaNumbers({ db: knex }),
        registry: {} as never,
      }),
    });
    expect(routes.length).toBeGreaterThan(25);

    let isAllowed = true;
    const { server, stop } = await startEventTypes({
      knex,
      entities: [group('webhooks')],
      policy: () => (isAllowed ? ALLOW : DENY),
    });
    try {
      const user = mockCredentials.user.header();
      await request(server)
        .post('/api/event-types/confluent/subjects/push-value/versions')
        .set('Authorization', user)
        .send({
          schema,
          metadata: {
            properties: {
              'millrace.owner': 'webhooks',
              'millrace.description': 'Somebody pushed',
            },
          },
        })
        .expect(200);
      isAllowed = false;

      const bare = { schema, compatibility: 'NONE' };
      for (const { method, path, permission } of routes) {
        const url = `/api/event-types/confluent${path}`
          .replace(':subject', 'push-value')
          .replace(':version', '1')
          .replace(':id', '1')
          .replace(':guid', '00000000-0000-0000-0000-000000000000');
        const send = (authorization: string) =>
          request(server)
            [method](url)
            .set('Authorization', authorization)
            .send(method === 'get' ? undefined : bare);

        const stranger = await send(mockCredentials.none.header());
        expect([method, path, stranger.status]).toEqual([method, path, 401]);

        const denied = await send(user);
        const isEmptyList = denied.status === 200 && !denied.body.length;
        const isSameForAll =
          permission === 'none' || SAME_FOR_ALL.test(`${method} ${path}`);
        const isGuarded = denied.status >= 403 || isEmptyList || isSameForAll;
        const tells = JSON.stringify(denied.body).match(/record|webhooks/);
        expect([method, path, isGuarded, tells]).toEqual([
          method,
          path,
          true,
          null,
        ]);
      }
    } finally {
      await stop();
    }
    expect(await knex('event_type_versions').count()).toEqual([{ count: '1' }]);
    expect(await knex('registry_schemas').count()).toEqual([{ count: '1' }]);
  });
});
