import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { eventTypesPermissions } from '@millrace/plugin-event-types-common';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  group,
  record,
  startEventTypes,
} from '../__testUtils__/startEventTypes';
import type { EventTypeEvolver } from '../evolution';
import type { EventTypeRegistry } from '../registry';
import type { EventTypeFinder } from '../search';
import { createRoutes } from './createRoutes';

jest.setTimeout(60_000);

const declaration = {
  name: 'push',
  description: 'Somebody pushed',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: record({ name: 'id', type: 'long' }),
};

/** A good body of each route that does not take a declaration. */
const bodies: { [path: string]: object } = {
  '/event-types/:name/verdict': { schema: declaration.schema },
  '/event-types/:name/versions': { schema: declaration.schema },
  '/event-types/:name/compatibility': { mode: 'full-transitive' },
  '/event-types/:name/deprecation': { message: 'Send another one' },
  '/event-types/:name/majors': {
    reason: 'The id is a text now',
    schema: record({ name: 'id', type: 'string' }),
  },
  '/event-types/:name/majors/decision': { isApproved: true },
  '/event-types/:name/majors/steps': { step: 'retired' },
  '/event-types/:name/withdrawal': { reason: 'Nobody reads it' },
};

const unused = async () => {
  throw new Error('The route table is only listed');
};
const unusedRegistry: EventTypeRegistry = {
  listItems: unused,
  list: unused,
  listGenerations: unused,
  get: unused,
  listVersions: unused,
  create: unused,
  update: unused,
};

const unusedEvolver: EventTypeEvolver = {
  describe: unused,
  listSteps: unused,
  diff: unused,
  judge: unused,
  publish: unused,
  setMode: unused,
  setDeprecation: unused,
  requestMajor: unused,
  decideMajor: unused,
  takeStep: unused,
};

const unusedFinder: EventTypeFinder = {
  findEventTypes: unused,
  findFields: unused,
};

const routes = createRoutes({
  auditor: mockServices.auditor.mock(),
  compiler: { compile: unused },
  httpAuth: mockServices.httpAuth.mock(),
  permissions: mockServices.permissions.mock(),
  registry: unusedRegistry,
  evolver: unusedEvolver,
  finder: unusedFinder,
  withdrawals: Object.create(null),
  // Nothing is asked of any part: the table is only listed.
  declaring: {
    drafts: Object.create(null),
    names: Object.create(null),
    retentionClasses: [],
    reviewer: Object.create(null),
  },
});

describe('route table of event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('puts every permission of the family to use', () => {
    const used = routes.flatMap(({ permission, furtherPermission }) =>
      furtherPermission ? [permission, furtherPermission] : [permission],
    );
    expect(new Set(used)).toEqual(new Set(eventTypesPermissions));
  });

  it.each(routes)(
    'guards $method $path by $permission.name',
    async ({ method, path, permission }) => {
      const answers: Array<{ status: number; body: { items?: unknown[] } }> =
        [];
      const knex = await databases.init('POSTGRES_18');
      let policy: 'all' | 'none' | 'all but this' = 'all';
      const { server, stop } = await startEventTypes({
        knex,
        entities: [group('webhooks')],
        policy: name => {
          const isAllowed =
            policy === 'all' ||
            (policy === 'all but this' && name !== permission.name);
          return isAllowed ? ALLOW : DENY;
        },
      });
      const send = (authorization: string | undefined) => {
        const call = request(server)
          [method](
            `/api/event-types${path
              .replace(':name', 'push')
              .replace(/:(from|to)/g, '1')}`,
          )
          .send(method === 'get' ? undefined : bodies[path] ?? declaration);
        return authorization ? call.set('Authorization', authorization) : call;
      };
      try {
        await request(server)
          .post('/api/event-types/event-types')
          .send(declaration)
          .set('Authorization', mockCredentials.user.header())
          .expect(201);

        for (policy of ['all but this', 'none'] as const) {
          answers.push(await send(mockCredentials.user.header()));
        }
        policy = 'all';
        expect((await send(mockCredentials.none.header())).status).toBe(401);
        const allowed = await send(mockCredentials.user.header());
        expect(allowed.status).not.toBe(403);
      } finally {
        await stop();
      }
      // A list leaves out what may not be seen; everything else refuses.
      const isList =
        ['/event-types', '/fields', '/generations'].includes(path) &&
        method === 'get';
      expect(answers.map(({ status, body }) => [status, body.items])).toEqual(
        isList
          ? [
              [200, []],
              [200, []],
            ]
          : [
              [403, undefined],
              [403, undefined],
            ],
      );
    },
  );
});
