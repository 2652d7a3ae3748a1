import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import request from 'supertest';
import {
  ALLOW,
  group,
  record,
  startEventTypes,
} from './__testUtils__/startEventTypes';

jest.setTimeout(120_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const id = { name: 'id', type: 'long' };
const added = (version: number) => ({
  name: `added_${version}`,
  semanticType: 'none',
  type: ['null', 'string'],
});

describe('many event types and versions', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let knex: Knex;
  let asked: string[];
  let backend: Awaited<ReturnType<typeof startEventTypes>>;

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    asked = [];
    backend = await startEventTypes({
      knex,
      policy: permission => {
        asked.push(permission);
        return ALLOW;
      },
      entities: [group('webhooks')],
    });
  });
  afterEach(() => backend.stop());

  const api = (method: 'get' | 'post' | 'put', path: string) =>
    request(backend.server)
      [method](`/api/event-types${path}`)
      .set('Authorization', OWNER);

  const register = (name: string) =>
    api('post', '/event-types')
      .send({
        name,
        description: 'It happened',
        owner: 'group:default/webhooks',
        tier: 'normal',
        schema: record(id),
      })
      .expect(201);

  /** What one request asks of the database and of the permission policy. */
  async function counted(send: () => Promise<unknown>) {
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => statements.push(sql);
    asked = [];
    knex.on('query', note);
    try {
      await send();
    } finally {
      knex.off('query', note);
    }
    // Those that run side by side come in any order.
    return { statements: statements.sort(), permissions: [...asked] };
  }

  it('are listed by one statement, however many there are', async () => {
    const list = (path: string) =>
      counted(async () => await api('get', path).expect(200));
    await register('sold.first');
    const few = await list('/event-types');
    const generationsOfFew = await list('/generations');
    for (let n = 0; n < 20; n++) {
      await register(`sold.another_${n}`);
    }
    expect(await list('/event-types')).toEqual(few);
    expect(await list('/generations')).toEqual(generationsOfFew);
    expect(generationsOfFew.statements).toHaveLength(1);
    // Schemas are by far the largest part of what is stored.
    for (const { statements } of [few, generationsOfFew]) {
      expect(statements.join('\n')).not.toContain('"schema"');
    }
  });

  it('are told by generation, which rises with every change', async () => {
    await register('sold.first');
    await register('sold.second');
    const generations = async () =>
      (await api('get', '/generations').expect(200)).body.items;
    const before = await generations();
    expect(before).toEqual([
      { name: 'sold.first', generation: 1, updatedAt: expect.any(String) },
      { name: 'sold.second', generation: 1, updatedAt: expect.any(String) },
    ]);
    await api('put', '/event-types/sold.second/deprecation')
      .send({ message: 'Send another one' })
      .expect(200);
    const [first, second] = await generations();
    expect(first).toEqual(before[0]);
    expect(second).toMatchObject({ name: 'sold.second', generation: 2 });
    const { body } = await api('get', '/event-types/sold.second').expect(200);
    expect(second.updatedAt).toBe(body.updatedAt);
  });

  it('are judged by the same number of statements and one question for permission, however many versions there are', async () => {
    await register('sold.first');
    const fields: object[] = [id];
    const publish = async (version: number) => {
      fields.push(added(version));
      await api('post', '/event-types/sold.first/versions')
        .send({ schema: record(...fields) })
        .expect(200);
    };
    const judge = () =>
      counted(async () => {
        const { body } = await api('post', '/event-types/sold.first/verdict')
          .send({ schema: record(...fields, added(999)) })
          .expect(200);
        expect(body.outcome).toBe('new-version');
      });
    await publish(2);
    const few = await judge();
    for (let version = 3; version <= 12; version++) {
      await publish(version);
    }
    const many = await judge();
    expect(many.statements).toEqual(few.statements);
    expect(many.permissions).toEqual(['event-types.event-type.read']);
  });
});
