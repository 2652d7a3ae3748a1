import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
// The example is driven by this test and by nothing else here.
// eslint-disable-next-line import/no-extraneous-dependencies, @backstage/no-undeclared-imports
import { allGithubEventTypes } from '@millrace/example-github-webhooks';
import request from 'supertest';
import { ALLOW, group, startEventTypes } from './__testUtils__/startEventTypes';

jest.setTimeout(300_000);

describe("GitHub's webhooks", () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it.each(['json-schema', 'payloads'] as const)(
    'register, all 58 of them, from %s, and come out as they went in',
    async source => {
      const { server, stop } = await startEventTypes({
        knex: await databases.init('POSTGRES_18'),
        policy: () => ALLOW,
        entities: [group('webhooks')],
      });
      const call = (method: 'get' | 'post') =>
        request(server)
          [method]('/api/event-types/event-types')
          .set('Authorization', mockCredentials.user.header());
      try {
        const declarations = allGithubEventTypes(source);
        const answers = [];
        for (const declaration of declarations) {
          const { status, body } = await call('post').send(declaration);
          answers.push([declaration.name, status, body.error?.message]);
        }
        expect(answers).toEqual(
          declarations.map(({ name }) => [name, 201, undefined]),
        );
        const { body } = await call('get').query({ schema: true });
        expect(body.items).toHaveLength(58);
        for (const { name, schema } of declarations) {
          const item = body.items.find(
            (each: { name: string }) => each.name === name,
          );
          expect(item.schema).toEqual(JSON.parse(JSON.stringify(schema)));
        }
      } finally {
        await stop();
      }
    },
  );
});
