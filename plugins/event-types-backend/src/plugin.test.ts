import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { RESOURCE_TYPE_EVENT_TYPE } from '@millrace/plugin-event-types-common';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  declared,
  group,
  ifOwner,
  record,
  startEventTypes,
} from './__testUtils__/startEventTypes';

const OWNER = mockCredentials.user.header('user:default/owner');
const DEVELOPER = mockCredentials.user.header('user:default/developer');
const PLATFORM = mockCredentials.user.header('user:default/platform');

/** The shape of the default policy: owners update, the platform team all. */
const policy: TestPolicy = (permission, user) => {
  if (!user || user === 'user:default/platform') {
    return user ? ALLOW : DENY;
  }
  if (permission !== 'event-types.event-type.update') {
    return ALLOW;
  }
  return user === 'user:default/owner'
    ? ifOwner(user, 'group:default/webhooks')
    : ifOwner(user);
};

const id = { name: 'id', type: 'long' };
const ref = { name: 'ref', type: 'string' };
const note = {
  name: 'note',
  type: ['null', 'string'],
  semanticType: 'free-text',
};

const push = {
  name: 'github.push',
  description: 'Somebody pushed',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: record(id, ref),
};

describe('event types plugin', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start(usePolicy: TestPolicy = policy) {
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy: usePolicy,
      entities: [group('webhooks'), group('others')],
    });
    running.push(backend.stop);
    const api = (method: 'get' | 'post' | 'put', path: string, as = OWNER) =>
      request(backend.server)
        [method](`/api/event-types${path}`)
        .set('Authorization', as);
    return { ...backend, api };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  it('registers an event type and shows it to readers', async () => {
    const { api, published, audited } = await start();

    const created = await api('post', '/event-types').send(push);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'github.push',
      description: 'Somebody pushed',
      owner: 'group:default/webhooks',
      tier: 'normal',
      version: 1,
      generation: 1,
      origin: 'portal',
      createdBy: 'user:default/owner',
      fields: [
        { path: 'id', type: 'long', required: true },
        { path: 'ref', type: 'string', required: true },
      ],
    });

    const list = await api('get', '/event-types', DEVELOPER);
    expect(list.body.items).toHaveLength(1);
    expect(list.body.items[0]).not.toHaveProperty('schema');
    const full = await api('get', '/event-types?schema=true', DEVELOPER);
    expect(full.body.items[0].schema).toMatchObject({ type: 'record' });
    const one = await api('get', '/event-types/github.push', DEVELOPER);
    expect(one.body).toEqual(created.body);

    expect(published).toEqual([
      {
        topic: 'event-types',
        eventPayload: { action: 'changed', name: 'github.push' },
      },
    ]);
    expect(audited).toEqual([
      {
        eventId: 'event-type-mutate',
        outcome: 'success',
        meta: {
          actionType: 'create',
          eventType: 'github.push',
          outcome: 'created',
        },
      },
    ]);
  });

  it('registers a simple field list', async () => {
    const { api } = await start();
    const { schema, ...rest } = push;
    const created = await api('post', '/event-types').send({
      ...rest,
      fields: [
        { name: 'at', type: 'timestamp', required: true, doc: 'When' },
        { name: 'tags', type: 'string[]', required: false },
      ],
    });
    expect(created.status).toBe(201);
    expect(created.body.fields).toMatchObject([
      { path: 'at', required: true, doc: 'When' },
      { path: 'tags', required: false },
    ]);
  });

  it('tells every problem of a declaration with its place in the body', async () => {
    const { api, audited } = await start();
    const refused = await api('post', '/event-types').send({
      name: 'Push Event',
      owner: 'component:default/pusher',
      tier: 'urgent',
      colour: 'red',
      schema: record(id, { name: 'ref', type: 'text' }),
    });
    expect(refused.status).toBe(400);
    expect(refused.body.error.name).toBe('InputError');
    expect(
      refused.body.error.problems.map(
        (found: { code: string; pointer: string }) =>
          `${found.code} ${found.pointer}`,
      ),
    ).toEqual([
      'unknown_property /colour',
      'invalid_event_type_name /name',
      'invalid_value /owner',
      'invalid_value /tier',
      expect.stringMatching(/^\w+ \/schema\/fields\/1\/type/),
    ]);
    expect(audited).toMatchObject([{ outcome: 'fail' }]);

    const fields = await api('post', '/event-types').send({
      name: 'push',
      owner: 'webhooks',
      tier: 'low',
      fields: [
        { name: 'ok', type: 'string', required: true },
        { name: 'bad', type: 'text' },
      ],
    });
    expect(fields.body.error.problems).toMatchObject([
      { code: 'invalid_value', pointer: '/fields/1/type' },
      { code: 'missing_property', pointer: '/fields/1/required' },
    ]);

    const neither = await api('post', '/event-types').send({ name: 'push' });
    expect(neither.body.error.problems).toMatchObject([
      { code: 'missing_property', pointer: '/owner' },
      { code: 'missing_property', pointer: '/tier' },
      { code: 'schema_source', pointer: '/schema' },
    ]);
    const notJson = await api('post', '/event-types').send(['push']);
    expect(notJson.status).toBe(400);
    expect((await api('get', '/event-types')).body.items).toEqual([]);
  });

  it('takes event types only for owners that exist and the caller may act for', async () => {
    const { api } = await start();

    const others = { ...push, owner: 'group:default/others' };
    const notMine = await api('post', '/event-types').send(others);
    expect(notMine.status).toBe(403);
    expect(notMine.body.error.problems).toMatchObject([
      { code: 'not_owner', pointer: '/owner' },
    ]);
    const noMember = await api('post', '/event-types', DEVELOPER).send(push);
    expect(noMember.status).toBe(403);

    const nobody = await api('post', '/event-types', PLATFORM).send({
      ...push,
      owner: 'group:default/nobody',
    });
    expect(nobody.status).toBe(400);
    expect(nobody.body.error.problems).toMatchObject([
      { code: 'owner_not_found', pointer: '/owner' },
    ]);

    expect((await api('post', '/event-types').send(push)).status).toBe(201);
    const again = await api('post', '/event-types', PLATFORM).send(others);
    expect(again.status).toBe(409);
    expect(again.body.error.problems).toMatchObject([
      { code: 'name_taken', pointer: '/name' },
    ]);
    const handOver = await api('put', '/event-types/github.push').send(others);
    expect(handOver.status).toBe(403);
  });

  it('numbers versions of the schema, and generations of anything', async () => {
    const { api, published, audited } = await start();
    const path = '/event-types/github.push';
    await api('post', '/event-types').send(push);

    const same = await api('put', path).send(push);
    expect(same.body).toMatchObject({ version: 1, generation: 1 });
    const described = await api('put', path).send({
      ...push,
      description: 'A push',
      tier: 'critical',
    });
    expect(described.body).toMatchObject({
      version: 1,
      generation: 2,
      description: 'A push',
      tier: 'critical',
    });
    const grown = await api('put', path).send({
      ...push,
      schema: record(id, ref, note),
    });
    expect(grown.body).toMatchObject({ version: 2, generation: 3 });

    const versions = await api('get', `${path}/versions`, DEVELOPER);
    expect(
      versions.body.items.map(
        ({ version, fields }: { version: number; fields: unknown[] }) => [
          version,
          fields.length,
        ],
      ),
    ).toEqual([
      [2, 3],
      [1, 2],
    ]);
    expect(published).toHaveLength(3);
    expect(audited.map(({ meta }) => meta.outcome)).toEqual([
      'created',
      'unchanged',
      'updated',
      'updated',
    ]);
  });

  it('refuses an incompatible schema and lists every incompatibility', async () => {
    const { api } = await start();
    const path = '/event-types/github.push';
    await api('post', '/event-types').send(push);
    const refused = await api('put', path).send({
      ...push,
      schema: record({ name: 'id', type: 'string' }, { ...note, type: 'int' }),
    });
    expect(refused.status).toBe(409);
    expect(refused.body.error.name).toBe('ConflictError');
    expect(refused.body.error.problems).toMatchObject([
      { code: 'field_type_changed', pointer: '/data/id' },
      { code: 'field_removed', pointer: '/data/ref' },
      { code: 'required_field_added', pointer: '/data/note' },
    ]);
    const unchanged = await api('get', path);
    expect(unchanged.body).toMatchObject({ version: 1, generation: 1 });
  });

  it('builds each version on the one before, however many write at once', async () => {
    const { api } = await start();
    const path = '/event-types/github.push';
    await api('post', '/event-types').send(push);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map(name =>
        api('put', path).send({
          ...push,
          schema: record(id, ref, { ...note, name }),
        }),
      ),
    );
    // Whoever lost the race is told: by the generation, or because the field
    // the winner added is missing from what the loser sent.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    const { body } = await api('get', `${path}/versions`);
    expect(
      body.items.map(({ version }: { version: number }) => version),
    ).toEqual([2, 1]);
  });

  it('changes only the generation that the caller has seen, if it says which', async () => {
    const { api } = await start();
    const path = '/event-types/github.push';
    await api('post', '/event-types').send(push);
    const change = (tier: string, ifMatch: string) =>
      api('put', path)
        .set('If-Match', ifMatch)
        .send({ ...push, tier });
    expect((await change('critical', '"1"')).body.generation).toBe(2);
    // Somebody who still sees the first one would undo what they have not seen.
    const late = await change('low', '"1"');
    expect(late.status).toBe(409);
    expect(late.body.error.problems).toMatchObject([
      { code: 'changed_meanwhile' },
    ]);
    expect((await change('low', '"first"')).status).toBe(400);
    expect((await api('get', path)).body).toMatchObject({
      tier: 'critical',
      generation: 2,
    });
    expect((await change('low', '*')).body.generation).toBe(3);
  });

  it('refuses a body that names another event type than the path', async () => {
    const { api } = await start();
    await api('post', '/event-types').send(push);
    const renamed = await api('put', '/event-types/github.push').send({
      ...push,
      name: 'github.pushed',
    });
    expect(renamed.status).toBe(400);
    expect(renamed.body.error.problems).toMatchObject([
      { code: 'name_mismatch', pointer: '/name' },
    ]);
  });

  it('shows who may read only some event types nothing of the others', async () => {
    const { api } = await start((permission, user) =>
      permission.endsWith('.read') && user === 'user:default/owner'
        ? ifOwner('group:default/webhooks')
        : ALLOW,
    );
    await api('post', '/event-types').send(push);
    const hidden = { ...push, name: 'hidden', owner: 'group:default/others' };
    await api('post', '/event-types', PLATFORM).send(hidden);

    const names = async (as: string) =>
      (await api('get', '/event-types', as)).body.items.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names(OWNER)).toEqual(['github.push']);
    expect(await names(PLATFORM)).toEqual(['github.push', 'hidden']);
    expect((await api('get', '/event-types/github.push')).status).toBe(200);
    expect((await api('get', '/event-types/hidden')).status).toBe(403);
    expect((await api('get', '/event-types/hidden/versions')).status).toBe(403);
    // Existing or not looks the same from outside.
    expect((await api('get', '/event-types/missing')).status).toBe(403);
    expect((await api('get', '/event-types/missing', PLATFORM)).status).toBe(
      404,
    );
  });

  it('previews samples, fields and JSON Schemas, problems being answers', async () => {
    const { api } = await start();
    const preview = (body: object) =>
      api('post', '/event-types/preview', DEVELOPER).send(body);

    const samples = await preview({
      name: 'push',
      samples: [{ id: 1, ref: 'main' }, { id: 2 }],
    });
    expect(samples.status).toBe(200);
    expect(samples.body).toMatchObject({
      problems: [],
      fields: [
        { path: 'id', required: true },
        { path: 'ref', required: false },
      ],
    });
    const registered = await api('post', '/event-types').send({
      ...push,
      name: 'push',
      schema: samples.body.schema,
    });
    expect(registered.status).toBe(201);

    const jsonSchema = await preview({
      name: 'push',
      jsonSchema: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'integer' } },
      },
    });
    expect(jsonSchema.body.fields).toMatchObject([{ path: 'id' }]);

    const bad = await preview({
      name: 'No Name',
      fields: [{ name: '', type: 'string', required: true }],
    });
    expect(bad.status).toBe(200);
    expect(bad.body.schema).toBeUndefined();
    expect(bad.body.problems).toMatchObject([
      { code: 'invalid_event_type_name', pointer: '/name' },
      { pointer: expect.stringMatching(/^\/fields\/0/) },
    ]);
    const both = await preview({ name: 'push', fields: [], schema: {} });
    expect(both.body.problems).toMatchObject([{ code: 'schema_source' }]);
  });

  it('answers permission checks of the framework by resource', async () => {
    const { api } = await start();
    await api('post', '/event-types').send(push);
    const { resourceType, conditions } = Object(
      ifOwner('group:default/webhooks'),
    );
    const answer = await api(
      'post',
      '/.well-known/backstage/permissions/apply-conditions',
      mockCredentials.service.header(),
    ).send({
      items: ['github.push', 'missing'].map(resourceRef => ({
        id: resourceRef,
        resourceRef,
        resourceType,
        conditions,
      })),
    });
    expect(resourceType).toBe(RESOURCE_TYPE_EVENT_TYPE);
    expect(answer.body.items).toEqual([
      { id: 'github.push', result: 'ALLOW' },
      { id: 'missing', result: 'DENY' },
    ]);
  });

  describe('with declarations in the catalog', () => {
    const org = [group('webhooks'), group('others')];

    it('takes declarations in, follows their changes and says where they are', async () => {
      const { api, audited, published, setEntities, takeIn } = await start();
      setEntities([
        ...org,
        declared('github.push', { schema: record(id), etag: '1' }),
      ]);
      await takeIn();
      await takeIn();
      const first = await api('get', '/event-types/github.push');
      expect(first.body).toMatchObject({
        origin: 'catalog',
        location: 'url:https://code.example/github.push.yaml',
        tier: 'normal',
        version: 1,
        generation: 1,
      });
      expect(published).toHaveLength(1);
      expect(audited).toMatchObject([
        { outcome: 'success', meta: { actionType: 'create' } },
      ]);

      const refused = await api('put', '/event-types/github.push').send(push);
      expect(refused.status).toBe(409);
      expect(refused.body.error.message).toContain(
        'declared in url:https://code.example/github.push.yaml',
      );

      setEntities([
        ...org,
        declared('github.push', { schema: record(id, note), etag: '2' }),
      ]);
      await takeIn();
      const second = await api('get', '/event-types/github.push');
      expect(second.body).toMatchObject({ version: 2, generation: 2 });
      expect(published).toHaveLength(2);
    });

    it('records a bad declaration without holding up the others', async () => {
      const { api, setEntities, takeIn } = await start();
      const good = declared('good', { schema: record(id) });
      setEntities([
        ...org,
        declared('bad', { schema: { type: 'record', name: 'Bad' } }),
        declared('elsewhere', { schema: record(id), namespace: 'team' }),
        declared('orphan', { schema: record(id), owner: 'group:nobody' }),
        good,
      ]);
      await takeIn();
      expect((await api('get', '/event-types/good')).status).toBe(200);
      const problemsOf = async (name: string) => {
        const { status, body } = await api('get', `/event-types/${name}`);
        return [status, body.error?.problems ?? []];
      };
      expect(await problemsOf('bad')).toMatchObject([
        404,
        [{ pointer: expect.stringMatching(/^\/spec\/schema/) }],
      ]);
      expect(await problemsOf('elsewhere')).toMatchObject([
        404,
        [{ code: 'unsupported_namespace', pointer: '/metadata/namespace' }],
      ]);
      expect(await problemsOf('orphan')).toMatchObject([
        404,
        [{ code: 'owner_not_found', pointer: '/spec/owner' }],
      ]);

      setEntities([
        ...org,
        good,
        group('nobody'),
        declared('orphan', { schema: record(id), owner: 'group:nobody' }),
      ]);
      await takeIn();
      expect((await api('get', '/event-types/orphan')).status).toBe(200);
      expect(await problemsOf('bad')).toEqual([404, []]);
    });

    it('keeps the last good declaration when a newer one is incompatible', async () => {
      const { api, setEntities, takeIn } = await start();
      setEntities([...org, declared('push', { schema: record(id, ref) })]);
      await takeIn();
      setEntities([...org, declared('push', { schema: record(id) })]);
      await takeIn();
      const { body } = await api('get', '/event-types/push');
      expect(body).toMatchObject({
        version: 1,
        declarationProblems: [{ code: 'field_removed', pointer: '/data/ref' }],
      });
    });

    it('never lets one declaration take a name over from the other side', async () => {
      const { api, setEntities, takeIn } = await start();
      await api('post', '/event-types').send(push);
      const fromPortal = declared('from.portal', {
        schema: record(id),
        annotations: { 'millrace.io/origin': 'portal' },
      });
      setEntities([
        ...org,
        declared('github.push', {
          schema: record(id, ref),
          description: 'Mine',
          owner: 'group:default/others',
        }),
        declared('claimed', { schema: record(id), owner: 'group:nobody' }),
        fromPortal,
      ]);
      await takeIn();
      const kept = await api('get', '/event-types/github.push');
      expect(kept.body).toMatchObject({
        origin: 'portal',
        description: 'Somebody pushed',
        declarationProblems: [
          { code: 'adoption_refused', pointer: '/spec/owner' },
        ],
      });
      const claimed = await api('post', '/event-types').send({
        ...push,
        name: 'claimed',
      });
      expect(claimed.status).toBe(409);
      expect(claimed.body.error.message).toContain(
        'declared in url:https://code.example/claimed.yaml',
      );
      // What the portal put into the catalog is no declaration.
      expect((await api('get', '/event-types/from.portal')).status).toBe(404);
    });
  });
});
