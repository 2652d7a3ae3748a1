import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { userInfoServiceFactory } from '@backstage/backend-defaults/userInfo';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import authPlugin from '@backstage/plugin-auth-backend';
import request from 'supertest';
import authModuleDemoProvider from '.';

const owner: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'owner', namespace: 'default' },
  spec: { memberOf: ['webhooks'] },
  relations: [{ type: 'memberOf', targetRef: 'group:default/webhooks' }],
};

/** A catalog that knows one user. */
const catalog = createBackendPlugin({
  pluginId: 'catalog',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        httpRouter.use((req, res) => {
          if (req.path === '/entities/by-name/user/default/owner') {
            res.json(owner);
          } else {
            res.status(404).json({});
          }
        });
      },
    });
  },
});

/** Says who the caller is, the way any plugin finds it out. */
const whoami = createBackendPlugin({
  pluginId: 'whoami',
  register(env) {
    env.registerInit({
      deps: {
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        userInfo: coreServices.userInfo,
      },
      async init({ httpAuth, httpRouter, userInfo }) {
        httpRouter.use(async (req, res) => {
          const credentials = await httpAuth.credentials(req, {
            allow: ['user'],
          });
          res.json(await userInfo.getUserInfo(credentials));
        });
      },
    });
  },
});

describe('demo sign-in', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  async function start(providers: { demo?: { identities: string[] } }) {
    const logger = mockServices.logger.mock();
    logger.child.mockReturnValue(logger);
    const knex = await databases.init('POSTGRES_18');
    const { host, port, user, password, database } =
      knex.client.config.connection;
    const { server } = await startTestBackend({
      features: [
        authPlugin,
        authModuleDemoProvider,
        authServiceFactory,
        httpAuthServiceFactory,
        userInfoServiceFactory,
        catalog,
        whoami,
        logger.factory,
        databaseServiceFactory,
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost:7007' },
            backend: {
              baseUrl: 'http://localhost:7007',
              // Every plugin keeps its signing keys in a schema of its own.
              database: {
                client: 'pg',
                connection: { host, port, user, password, database },
                pluginDivisionMode: 'schema',
                ensureSchemaExists: true,
              },
            },
            auth: { providers },
          },
        }),
      ],
    });
    return {
      server,
      warnings: () => logger.warn.mock.calls.map(([message]) => message),
      signIn: (identity?: string) => {
        const call = request(server).get('/api/auth/demo/refresh');
        return identity ? call.set('x-millrace-demo-identity', identity) : call;
      },
    };
  }

  it('signs in as a listed user, who owns what their groups own', async () => {
    const { server, signIn, warnings } = await start({
      demo: { identities: ['user:default/owner', 'user:default/missing'] },
    });
    const { status, body } = await signIn('user:default/owner');
    expect(status).toBe(200);
    expect(body.profile.displayName).toBe('owner');
    const me = await request(server)
      .get('/api/whoami')
      .set('Authorization', `Bearer ${body.backstageIdentity.token}`);
    expect(me.body).toEqual({
      userEntityRef: 'user:default/owner',
      ownershipEntityRefs: ['user:default/owner', 'group:default/webhooks'],
    });
    expect(warnings()).toContainEqual(
      expect.stringContaining('Demo sign-in is on'),
    );

    const loading = await signIn('user:default/missing');
    expect(loading.status).toBe(503);
    expect(loading.body.error.message).toContain('not in the catalog');
  });

  it('refuses everybody who is not listed, and says whom to choose', async () => {
    const { signIn } = await start({
      demo: { identities: ['user:default/owner'] },
    });
    for (const identity of [undefined, 'user:default/platform', 'owner']) {
      const { status, body } = await signIn(identity);
      expect(status).toBe(401);
      expect(body.error.message).toContain('user:default/owner');
    }
  });

  it('does not exist while it is not configured', async () => {
    const { signIn, warnings } = await start({});
    expect((await signIn('user:default/owner')).status).toBe(404);
    expect(warnings()).not.toContainEqual(
      expect.stringContaining('Demo sign-in'),
    );
  });
});
