import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { JsonObject } from '@backstage/types';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { parse } from 'yaml';
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

jest.setTimeout(60_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const OTHER = mockCredentials.user.header('user:default/other');
const PLATFORM = mockCredentials.user.header('user:default/platform');

/** Everybody reads and registers; owners change what is theirs. */
const policy: TestPolicy = (permission, user) => {
  if (!user || user === 'user:default/platform') {
    return user ? ALLOW : DENY;
  }
  if (!permission.endsWith('.update')) {
    return ALLOW;
  }
  return user === 'user:default/owner'
    ? ifOwner('group:default/webhooks')
    : ifOwner('group:default/others');
};

const id = { name: 'id', type: 'long' };
const email = { name: 'email', type: 'string' };

const signup = {
  name: 'shop.signed_up',
  description: 'Somebody signed up',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: record(id),
};

const system: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'System',
  metadata: { name: 'shop', namespace: 'default' },
  spec: { owner: 'group:default/webhooks' },
};

const ORG = [group('webhooks'), group('others'), system];

describe('declaring event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start(
    options: { usePolicy?: TestPolicy; config?: JsonObject } = {},
  ) {
    const knex = await databases.init('POSTGRES_18');
    const backend = await startEventTypes({
      knex,
      policy: options.usePolicy ?? policy,
      entities: ORG,
      config: options.config,
    });
    running.push(backend.stop);
    const api = (
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      as = OWNER,
    ) =>
      request(backend.server)
        [method](`/api/event-types${path}`)
        .set('Authorization', as);
    const register = async (body: object, as = OWNER) =>
      await api('post', '/event-types', as).send({ ...signup, ...body });
    const read = async (name = signup.name) =>
      (await api('get', `/event-types/${name}`)).body;
    return { ...backend, knex, api, register, read };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  const problemsOf = (body: { error?: { problems?: object[] } }) =>
    (body.error?.problems ?? []).map(found =>
      ['code', 'pointer'].map(key => Reflect.get(found, key)).join(' '),
    );

  describe('privacy', () => {
    it('refuses what is not decided, with everything else that is wrong, and takes a decision', async () => {
      const { register } = await start();
      const refused = await register({
        description: ' ',
        schema: record(id, {
          name: 'buyers',
          type: {
            type: 'array',
            // The form in which null comes last: pointers are into what was sent.
            items: [{ type: 'record', name: 'buyer', fields: [email] }, 'null'],
          },
        }),
      });
      expect(refused.status).toBe(400);
      expect(problemsOf(refused.body)).toEqual([
        'missing_property /description',
        'undecided_personal_field /schema/fields/1/type/items/0/fields/0',
      ]);
      expect(refused.body.error.problems[1].suggestion).toMatchObject({
        semanticType: 'email',
        confidence: 'certain',
      });

      const fields = [
        { name: 'id', type: 'integer', required: true },
        { name: 'phone', type: 'string', required: false },
      ];
      const asList = await register({ schema: undefined, fields });
      expect(problemsOf(asList.body)).toEqual([
        'undecided_personal_field /fields/1',
      ]);
      fields[1] = { ...fields[1], ...{ semanticType: 'none' } };
      expect((await register({ schema: undefined, fields })).status).toBe(201);
    });

    it('leaves what was registered before alone, and asks about what comes on top', async () => {
      const { api, knex, register } = await start();
      await register({});
      // As an earlier release stored it.
      await knex('event_type_versions').update({
        schema: JSON.stringify(record(id, email)),
      });
      await knex('event_types').update({ description: null });
      const path = `/event-types/${signup.name}`;
      const put = (...fields: Array<{ name: string; type: unknown }>) =>
        api('put', path).send({
          ...signup,
          description: undefined,
          schema: record(id, email, ...fields),
        });
      expect((await put()).status).toBe(200);
      expect(
        (await put({ name: 'total', type: ['null', 'long'] })).status,
      ).toBe(200);
      const refused = await put(
        { name: 'total', type: ['null', 'long'] },
        { name: 'phone', type: ['null', 'string'] },
      );
      expect(refused.status).toBe(400);
      expect(problemsOf(refused.body)).toEqual([
        'undecided_personal_field /schema/fields/3',
      ]);
    });

    it('takes a declaration as code by the same rule', async () => {
      const { read, setEntities, takeIn } = await start();
      setEntities([...ORG, declared(signup.name, { schema: record(email) })]);
      await takeIn();
      expect(problemsOf(await read())).toEqual([
        'undecided_personal_field /spec/schema/fields/0',
      ]);
      setEntities([
        ...ORG,
        declared(signup.name, {
          schema: record({ ...email, ...{ semanticType: 'email' } }),
        }),
      ]);
      await takeIn();
      expect(await read()).toMatchObject({
        version: 1,
        fields: [{ path: 'email', semanticType: 'email' }],
      });
    });
  });

  describe('details', () => {
    const details = {
      retention: 'long',
      expectedEventsPerDay: 5_000_000_000,
      tags: ['c++', 'orders'],
      system: 'system:default/shop',
    };

    it('are kept, shown, changed and taken away', async () => {
      const { api, register, read } = await start();
      const created = await register({ ...details, system: 'shop' });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject(details);
      const put = (body: object) =>
        api('put', `/event-types/${signup.name}`).send({ ...signup, ...body });
      expect((await put({ ...details, tags: ['orders'] })).body).toMatchObject({
        tags: ['orders'],
        version: 1,
        generation: 2,
      });
      await put({});
      const left = await read();
      for (const key of Object.keys(details)) {
        expect(left).not.toHaveProperty(key);
      }
    });

    it.each<[string, object, string]>([
      ['an unknown retention class', { retention: 'for-ever' }, '/retention'],
      [
        'no whole number',
        { expectedEventsPerDay: 1.5 },
        '/expectedEventsPerDay',
      ],
      ['a tag of its own form', { tags: ['ok', 'Not Ok'] }, '/tags/1'],
      ['a tag twice', { tags: ['a', 'a'] }, '/tags/1'],
      ['a system that is none', { system: 'group:default/x' }, '/system'],
      ['a system that is not there', { system: 'nowhere' }, '/system'],
      ['a long description', { description: 'x'.repeat(4001) }, '/description'],
    ])('of %s are refused', async (_what, body, pointer) => {
      const { register } = await start();
      const refused = await register(body);
      expect(refused.status).toBe(400);
      expect(refused.body.error.problems).toMatchObject([{ pointer }]);
    });

    it('may be chosen from what the installation offers', async () => {
      const { api, register } = await start({
        config: {
          eventTypes: {
            retention: {
              default: 'week',
              classes: [
                { id: 'week', title: '7 days', description: 'A', keepDays: 7 },
              ],
            },
          },
        },
      });
      const options = await api('get', '/declaration-options', OTHER);
      expect(options.body.retentionClasses).toEqual([
        {
          id: 'week',
          title: '7 days',
          description: 'A',
          keepDays: 7,
          isDefault: true,
        },
      ]);
      expect(
        options.body.semanticTypes.map((each: { id: string }) => each.id),
      ).toEqual(expect.arrayContaining(['none', 'email', 'secret']));
      expect((await register({ retention: 'long' })).status).toBe(400);
      expect((await register({ retention: 'week' })).status).toBe(201);
    });
  });

  describe('names', () => {
    it('are free, taken, invalid or too similar, and say by whom to those who may read', async () => {
      const onlyOwn: TestPolicy = (permission, user) =>
        permission.endsWith('.read') && user === 'user:default/other'
          ? ifOwner('group:default/others')
          : policy(permission, user);
      const { api, register } = await start({ usePolicy: onlyOwn });
      await register({});
      const check = async (name: string, as = OWNER) =>
        (
          await api(
            'get',
            `/event-types/${encodeURIComponent(name)}/availability`,
            as,
          )
        ).body;

      expect(await check('shop.parcel_sent')).toEqual({
        name: 'shop.parcel_sent',
        status: 'free',
        problems: [],
        similar: [],
      });
      const taken = await check('shop.signed_up');
      expect(taken).toMatchObject({
        status: 'taken',
        takenBy: { name: 'shop.signed_up', owner: 'group:default/webhooks' },
      });
      expect(await check('Shop/../x')).toMatchObject({
        status: 'invalid',
        problems: [{ code: 'invalid_event_type_name', pointer: '/name' }],
      });
      expect(await check('shop.signed-up')).toMatchObject({
        status: 'too-similar',
        similar: [{ name: 'shop.signed_up' }],
      });
      expect(await check('shop.singed_up')).toMatchObject({
        status: 'free',
        similar: [{ name: 'shop.signed_up' }],
      });
      // A next major is meant to look like the one before.
      expect((await check('shop.signed_up.v2')).similar).toEqual([]);

      const hidden = await check('shop.signed_up', OTHER);
      expect(hidden).toMatchObject({ status: 'taken', similar: [] });
      expect(hidden).not.toHaveProperty('takenBy');
      expect(await check('shop.signed-up', OTHER)).toMatchObject({
        status: 'too-similar',
        similar: [],
      });
    });

    it('that could not be told apart are refused on both ways in', async () => {
      const { read, register, setEntities, takeIn } = await start();
      await register({});
      const refused = await register({ name: 'shop.signed-up' });
      expect(refused.status).toBe(409);
      expect(problemsOf(refused.body)).toEqual(['name_too_similar /name']);
      setEntities([...ORG, declared('shop-signed-up', { schema: record(id) })]);
      await takeIn();
      expect(problemsOf(await read('shop-signed-up'))).toEqual([
        'name_too_similar /metadata/name',
      ]);
    });

    it('that a file has claimed are taken before it was taken in', async () => {
      const { api, setEntities } = await start();
      setEntities([...ORG, declared('shop.claimed', { schema: record(id) })]);
      const { body } = await api(
        'get',
        '/event-types/shop.claimed/availability',
      );
      expect(body).toMatchObject({
        status: 'taken',
        takenBy: { location: 'url:https://code.example/shop.claimed.yaml' },
      });
    });
  });

  describe('review', () => {
    it('says what registering would make, and writes nothing', async () => {
      const { api } = await start({ config: { delivery: { bucket: 'PT5M' } } });
      const { schema, ...rest } = signup;
      const answer = await api('post', '/event-types/review').send({
        ...rest,
        retention: 'short',
        expectedEventsPerDay: 1000,
        samples: [{ id: 1 }, { id: 22 }],
      });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        isReady: true,
        action: 'create',
        problems: [],
        schema: { type: 'record' },
        resources: {
          version: 1,
          topic: 'event.shop.signed_up',
          subscription: 'event.shop.signed_up.delivery',
          dataEndpoint: 'shop.signed_up',
          partitions: { seconds: 300, perDay: 288 },
          retention: { id: 'short', keepDays: 30 },
        },
        volume: {
          basis: 'samples',
          bytesPerEvent: 9,
          bytesPerDay: 9000,
          bytesKept: 270_000,
        },
      });
      expect((await api('get', '/event-types')).body.items).toEqual([]);
    });

    it('tells everything in the way at once, with pointers and suggestions', async () => {
      const { api, register } = await start();
      await register({});
      const answer = await api('post', '/event-types/review').send({
        name: 'shop.signed-up',
        owner: 'group:default/others',
        tier: 'urgent',
        colour: 'red',
        schema: record(id, { name: 'contact', type: 'string' }),
        samples: [
          { contact: 'someone@example.org' },
          { contact: 'another@example.org' },
        ],
      });
      expect(answer.body).toMatchObject({ isReady: false, action: 'refused' });
      expect(
        answer.body.problems.map(
          (found: { code: string; pointer: string }) =>
            `${found.code} ${found.pointer}`,
        ),
      ).toEqual([
        'unknown_property /colour',
        'invalid_value /tier',
        'name_too_similar /name',
        'not_owner /owner',
        'undecided_personal_field /schema/fields/1',
      ]);
      expect(answer.body.privacy).toMatchObject([
        { path: 'contact', semanticType: 'email' },
      ]);
      expect(JSON.stringify(answer.body)).not.toContain('someone@');
    });

    it('compares with what is in force, for those who may read it', async () => {
      const { api, register } = await start();
      await register({});
      const review = async (body: object, as = OWNER) =>
        (
          await api('post', '/event-types/review', as).send({
            ...signup,
            ...body,
          })
        ).body;
      expect(await review({})).toMatchObject({ action: 'unchanged' });
      expect(await review({ tier: 'low' })).toMatchObject({ action: 'update' });
      const total = { name: 'total', type: ['null', 'long'] };
      expect(await review({ schema: record(id, total) })).toMatchObject({
        action: 'new-version',
        resources: { version: 2 },
        compatibility: { againstVersion: 1, isCompatible: true },
      });
      expect(await review({ schema: record(total) })).toMatchObject({
        action: 'refused',
        compatibility: { isCompatible: false },
        problems: [{ code: 'field_removed', pointer: '/data/id' }],
      });
    });
  });

  describe('drafts', () => {
    it('belong to one user, have revisions, and can be listed and deleted', async () => {
      const { api, audited } = await start();
      const draft = randomUUID();
      const path = `/drafts/${draft}`;
      const content = { name: 'shop.', fields: [{ name: '\u0000<b>' }] };
      const first = await api('put', path).send({ title: 'Shop', content });
      expect(first.body).toMatchObject({ id: draft, revision: 1, content });
      const second = await api('put', path).send({ content, ifRevision: 1 });
      expect(second.body.revision).toBe(2);
      const stale = await api('put', path).send({ content, ifRevision: 1 });
      expect(stale.status).toBe(409);
      expect(problemsOf(stale.body)).toEqual(['changed_meanwhile /ifRevision']);
      const existing = await api('put', path).send({ content, ifRevision: 0 });
      expect(existing.status).toBe(409);

      // The same id of somebody else is another draft, or none.
      expect((await api('get', path, PLATFORM)).status).toBe(404);
      expect((await api('delete', path, PLATFORM)).status).toBe(404);
      await api('put', path, OTHER).send({ content: {} });
      expect((await api('get', path)).body.content).toEqual(content);

      const list = await api('get', '/drafts');
      expect(list.body.items).toMatchObject([{ id: draft, revision: 2 }]);
      expect(list.body.items[0]).not.toHaveProperty('content');
      expect((await api('delete', path)).status).toBe(204);
      expect((await api('get', '/drafts')).body.items).toEqual([]);
      expect((await api('get', '/drafts', OTHER)).body.items).toHaveLength(1);
      expect(
        audited.map(({ eventId, outcome }) => `${eventId} ${outcome}`),
      ).toEqual(
        [
          'success',
          'success',
          'fail',
          'fail',
          'fail',
          'success',
          'success',
        ].map(outcome => `event-type-draft-mutate ${outcome}`),
      );
    });

    it('are limited in size, number, form and life, and are for users alone', async () => {
      const { api, knex, scheduler } = await start();
      const save = (body: object, draft: string = randomUUID()) =>
        api('put', `/drafts/${draft}`).send(body);
      const large = await save({ content: { text: 'x'.repeat(600_000) } });
      expect(problemsOf(large.body)).toEqual(['draft_too_large /content']);
      const deep = `{"content":{"a":${'['.repeat(20_000)}${']'.repeat(
        20_000,
      )}}}`;
      const nested = await api('put', `/drafts/${randomUUID()}`)
        .set('Content-Type', 'application/json')
        .send(deep);
      expect(problemsOf(nested.body)).toEqual(['draft_too_large /content']);
      const review = await api('post', '/event-types/review')
        .set('Content-Type', 'application/json')
        .send(
          `${JSON.stringify(signup).slice(0, -1)},"samples":[${'['.repeat(
            20_000,
          )}${']'.repeat(20_000)}]}`,
        );
      expect(review.body).toMatchObject({ volume: { basis: 'schema' } });
      expect(problemsOf((await save({ content: [] })).body)).toEqual([
        'invalid_draft /content',
      ]);
      expect((await save({ content: {} }, 'not-a-uuid')).status).toBe(404);
      const program = await api(
        'get',
        '/drafts',
        mockCredentials.service.header(),
      );
      expect(program.status).toBe(403);

      const kept = randomUUID();
      expect((await save({ content: {} }, kept)).status).toBe(200);
      await knex('declaration_drafts').insert(
        Array.from({ length: 49 }, () => ({
          user_ref: 'user:default/owner',
          id: randomUUID(),
          revision: 1,
          content: '{}',
          created_at: knex.fn.now(),
          updated_at: knex.fn.now(),
          expires_at: knex.raw("now() + interval '1 day'"),
        })),
      );
      expect(problemsOf((await save({ content: {} })).body)).toEqual([
        'too_many_drafts ',
      ]);
      expect((await save({ content: {} }, kept)).status).toBe(200);

      await knex('declaration_drafts').update({
        expires_at: knex.raw("now() - interval '1 second'"),
      });
      expect((await api('get', `/drafts/${kept}`)).status).toBe(404);
      expect((await api('get', '/drafts')).body.items).toEqual([]);
      await scheduler.triggerTask('delete-expired-drafts');
      expect(await knex('declaration_drafts')).toEqual([]);
    });
  });

  describe('as code', () => {
    it('exports what can be taken in again as it was', async () => {
      const { api, register, read, setEntities, takeIn } = await start();
      const created = await register({
        description: 'no',
        retention: 'long',
        expectedEventsPerDay: 12,
        tags: ['on', '1-2'],
        system: 'shop',
        schema: record(id, { ...email, ...{ semanticType: 'email' } }),
      });
      const path = `/event-types/${signup.name}/declaration.yaml`;
      const exported = await api('get', path, OTHER);
      expect(exported.status).toBe(200);
      expect(exported.type).toBe('application/yaml');
      // A reader of YAML 1.1 would take these for a boolean.
      expect(exported.text).toContain('description: "no"');
      expect(
        (await api('get', '/event-types/none/declaration.yaml')).status,
      ).toBe(404);

      const entity = parse(exported.text);
      entity.metadata.namespace = 'default';
      entity.metadata.annotations = {
        'backstage.io/managed-by-location': 'url:https://code.example/a.yaml',
      };
      setEntities([...ORG, entity]);
      await takeIn();
      const {
        adoptedAt,
        location,
        origin,
        generation,
        updatedAt,
        updatedBy,
        ...same
      } = await read();
      expect(created.body).toMatchObject(same);
      expect(same.version).toBe(1);
      expect({ origin, location, generation }).toEqual({
        origin: 'catalog',
        location: 'url:https://code.example/a.yaml',
        generation: 2,
      });
      expect(adoptedAt).toBe(updatedAt);
    });

    it('takes an event type of the portal over, for its owner and with a schema that fits', async () => {
      const { api, audited, read, register, setEntities, takeIn } =
        await start();
      await register({});
      const declare = async (options: Parameters<typeof declared>[1]) => {
        setEntities([...ORG, declared(signup.name, options)]);
        await takeIn();
        return await read();
      };
      expect(
        await declare({ schema: record(id), owner: 'group:default/others' }),
      ).toMatchObject({
        origin: 'portal',
        declarationProblems: [
          { code: 'adoption_refused', pointer: '/spec/owner' },
        ],
      });
      expect(await declare({ schema: record() })).toMatchObject({
        origin: 'portal',
        declarationProblems: [{ code: 'field_removed' }],
      });
      const adopted = await declare({ schema: record(id) });
      expect(adopted).toMatchObject({
        origin: 'catalog',
        location: `url:https://code.example/${signup.name}.yaml`,
        adoptedAt: expect.any(String),
        version: 1,
      });
      expect(adopted).not.toHaveProperty('declarationProblems');
      expect(audited.at(-1)).toMatchObject({
        meta: { actionType: 'adopt', eventType: signup.name },
        outcome: 'success',
      });
      const put = await api('put', `/event-types/${signup.name}`).send(signup);
      expect(put.status).toBe(409);
      expect(problemsOf(put.body)).toEqual(['declared_in_catalog ']);
    });

    it('orphans what is declared nowhere any more, and gives it to who takes it', async () => {
      const { api, audited, knex, published, read, setEntities, takeIn } =
        await start({
          config: {
            eventTypes: { catalogIntake: { orphanAfter: 'PT0.001S' } },
          },
        });
      const entity = declared(signup.name, { schema: record(id) });
      setEntities([...ORG, entity]);
      await takeIn();
      // The catalog keeps what nothing refers to any more, with a mark.
      const kept = declared(signup.name, {
        schema: record(id),
        annotations: { 'backstage.io/orphan': 'true' },
      });
      for (const gone of [[kept], []]) {
        setEntities([...ORG, ...gone]);
        while (!(await read()).orphanedAt) {
          await takeIn();
        }
        expect(await read()).toMatchObject({ origin: 'catalog', version: 1 });
        expect(audited.at(-1)?.meta).toMatchObject({ actionType: 'orphan' });
        setEntities([...ORG, entity]);
        await takeIn();
        expect(await read()).not.toHaveProperty('orphanedAt');
      }
      expect(published.length).toBe(5);

      setEntities(ORG);
      while (!(await read()).orphanedAt) {
        await takeIn();
      }
      const taken = await api('put', `/event-types/${signup.name}`).send(
        signup,
      );
      expect(taken.status).toBe(200);
      expect(taken.body).toMatchObject({
        origin: 'portal',
        adoptedAt: expect.any(String),
      });
      expect(taken.body).not.toHaveProperty('orphanedAt');
      expect(taken.body).not.toHaveProperty('location');
      // Nothing was deleted on the way.
      expect(await knex('event_type_versions')).toHaveLength(1);
    });

    it('waits before it calls a declaration gone', async () => {
      const { read, setEntities, takeIn } = await start();
      setEntities([...ORG, declared(signup.name, { schema: record(id) })]);
      await takeIn();
      setEntities(ORG);
      await takeIn();
      await takeIn();
      expect(await read()).not.toHaveProperty('orphanedAt');
    });
  });
});
