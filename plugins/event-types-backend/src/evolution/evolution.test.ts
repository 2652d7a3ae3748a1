import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { ReadersOf } from '@millrace/plugin-event-types-node';
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
} from '../__testUtils__/startEventTypes';

jest.setTimeout(60_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const DEVELOPER = mockCredentials.user.header('user:default/developer');
const PLATFORM = mockCredentials.user.header('user:default/platform');

/** Owners change what they own; the platform team may do everything. */
const policy: TestPolicy = (permission, user) => {
  if (!user || user === 'user:default/platform') {
    return user ? ALLOW : DENY;
  }
  switch (permission) {
    case 'event-types.event-type.update':
      return user === 'user:default/owner'
        ? ifOwner(user, 'group:default/webhooks')
        : ifOwner(user);
    case 'event-types.compatibility.loosen':
    case 'event-types.breaking-change.approve':
      return DENY;
    default:
      return ALLOW;
  }
};

const id = { name: 'id', type: 'long' };
const ref = { name: 'ref', type: 'string' };
const note = { name: 'note', semanticType: 'none', type: ['null', 'string'] };
const push = {
  name: 'push',
  description: 'Somebody pushed',
  owner: 'group:default/webhooks',
  tier: 'critical',
  schema: record(id, ref),
};
const textId = { name: 'id', type: 'string' };

describe('evolution of event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start(readersOf?: ReadersOf) {
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy,
      entities: [group('webhooks')],
      readersOf,
    });
    running.push(backend.stop);
    const api = (
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      as = OWNER,
    ) =>
      request(backend.server)
        [method](`/api/event-types/event-types${path}`)
        .set('Authorization', as);
    await api('post', '').send(push).expect(201);
    const publish = (...fields: Parameters<typeof record>) =>
      api('put', '/push').send({ ...push, schema: record(...fields) });
    return { ...backend, api, publish };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  it('asks about new fields that may be about a person before it says that a schema can be published', async () => {
    const { api } = await start();
    const email = { name: 'email', type: ['null', 'string'] };
    const judge = async (body: object) =>
      (await api('post', '/push/verdict').send(body).expect(200)).body;

    const open = await judge({ schema: record(id, ref, email) });
    expect(open).toMatchObject({
      outcome: 'refused',
      problems: [
        { code: 'undecided_personal_field', pointer: '/schema/fields/2' },
      ],
      privacy: [{ pointer: '/fields/2', path: 'email', semanticType: 'email' }],
      differences: [{ path: 'email', isBreaking: false }],
    });
    expect(open.version).toBeUndefined();
    const answer = await api('post', '/push/versions').send({
      schema: record(id, ref, email),
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.problems).toMatchObject([
      { code: 'undecided_personal_field' },
    ]);

    const decided = record(id, ref, { ...email, semanticType: 'email' });
    expect(await judge({ schema: decided })).toMatchObject({
      outcome: 'new-version',
      problems: [],
      privacy: [],
    });
    await api('post', '/push/versions').send({ schema: decided }).expect(200);

    expect(
      await judge({
        schema: record(id, ref, { ...email, semanticType: 'emial' }),
      }),
    ).toMatchObject({
      outcome: 'refused',
      problems: [{ code: 'unknown_semantic_type' }],
      privacy: [],
    });

    // Values tell as much as names, and cannot be sent to be published. Samples
    // say nothing of what a field holds, so that what was decided before stays.
    const sampled = await judge({
      samples: [{ id: 1, ref: 'r', email: null, extra: 'a@example.com' }],
    });
    expect(sampled.privacy).toMatchObject([
      { path: 'extra', semanticType: 'email' },
    ]);
    const kept = [
      { path: 'id' },
      { path: 'ref' },
      { path: 'email', semanticType: 'email' },
    ];
    expect(sampled.fields).toMatchObject([...kept, { path: 'extra' }]);
    const properties = {
      id: { type: 'integer' },
      ref: { type: 'string' },
      email: { type: 'string' },
    };
    expect(
      await judge({ jsonSchema: { type: 'object', properties } }),
    ).toMatchObject({ privacy: [], fields: kept });

    const needed = { name: 'phone', type: 'string' };
    const major = await api('post', '/push/majors').send({
      reason: 'Phones are needed',
      schema: record(id, ref, needed),
    });
    expect(major.status).toBe(400);
    expect(major.body.error.problems).toMatchObject([
      { code: 'undecided_personal_field' },
    ]);
  });

  it('says before publishing what would happen, and publishing does just that', async () => {
    const { api, publish } = await start();
    const judge = async (body: object, as = DEVELOPER) =>
      (await api('post', '/push/verdict', as).send(body).expect(200)).body;

    expect(await judge({ schema: push.schema })).toMatchObject({
      outcome: 'nothing',
      differences: [],
    });
    expect(
      await judge({ schema: { type: 'record', name: 'Bad' } }),
    ).toMatchObject({
      outcome: 'invalid',
      problems: [{ pointer: '/schema/fields' }],
    });
    const grown = await judge({ schema: record(id, ref, note) });
    expect(grown).toMatchObject({
      outcome: 'new-version',
      version: 2,
      mode: 'backward-transitive',
      differences: [{ code: 'field_added', path: 'note', isBreaking: false }],
      readers: { isKnown: false },
    });
    const refused = await judge({ schema: record(textId, note) });
    expect(refused).toMatchObject({
      outcome: 'refused',
      differences: [
        {
          code: 'field_type_changed',
          pointer: '/data/id',
          old: 'long',
          new: 'string',
          isBreaking: true,
          advice: expect.any(String),
          example: { id: 0, ref: 'a text' },
        },
        { code: 'field_removed', path: 'ref', isBreaking: true },
        { code: 'field_added', path: 'note', isBreaking: false },
      ],
    });
    expect(
      refused.modes
        .filter(({ isCompatible }: { isCompatible: boolean }) => isCompatible)
        .map(({ mode }: { mode: string }) => mode),
    ).toEqual(['none']);

    const answer = await publish(textId, note);
    expect(answer.status).toBe(409);
    expect(
      answer.body.error.problems.map(({ code }: { code: string }) => code),
    ).toEqual(['field_type_changed', 'field_removed']);
    const next = { schema: record(id, ref, note) };
    await api('post', '/push/versions', DEVELOPER).send(next).expect(403);
    const published = await api('post', '/push/versions').send(next);
    expect(published.body).toMatchObject({
      version: 2,
      description: 'Somebody pushed',
      tier: 'critical',
    });
    const again = await api('post', '/push/versions').send(next).expect(200);
    expect(again.body.generation).toBe(published.body.generation);
  });

  it('names the readers that a break would reach, when somebody knows them', async () => {
    const { api } = await start({
      readersOf: async () => [
        { entityRef: 'component:default/report', fields: ['ref'] },
        { entityRef: 'component:default/model', fields: ['id'] },
        { entityRef: 'component:default/other' },
      ],
    });
    const { body } = await api('post', '/push/verdict').send({
      schema: record(id),
    });
    expect(body.readers.isKnown).toBe(true);
    expect(
      body.readers.readers.map(
        ({
          entityRef,
          isAffected,
        }: {
          entityRef: string;
          isAffected: boolean;
        }) => [entityRef, isAffected],
      ),
    ).toEqual([
      ['component:default/report', true],
      ['component:default/model', false],
      ['component:default/other', true],
    ]);
  });

  it('gives a verdict also while who knows the readers cannot be asked', async () => {
    const { api } = await start({
      readersOf: async () => {
        throw new Error('The lineage is away');
      },
    });
    const { body } = await api('post', '/push/verdict').send({
      schema: record(id, ref, note),
    });
    expect(body).toMatchObject({
      outcome: 'new-version',
      readers: { isKnown: false },
    });
  });

  it('lets an owner tighten the mode, and only the platform team loosen it', async () => {
    const { api, publish, audited, published } = await start();
    const choose = (mode: string, as = OWNER) =>
      api('put', '/push/compatibility', as).send({ mode });

    expect((await choose('full-transitive')).body).toMatchObject({
      compatibility: 'full-transitive',
      generation: 2,
    });
    const loosened = await choose('none');
    expect(loosened.status).toBe(403);
    expect(loosened.body.error.problems).toMatchObject([
      { code: 'loosening_not_allowed', pointer: '/mode' },
    ]);
    expect((await choose('full', DEVELOPER)).status).toBe(403);
    expect((await choose('half')).body.error.problems).toMatchObject([
      { code: 'invalid_value', pointer: '/mode' },
    ]);

    // Forward breaks now as well.
    const widened = await publish(id, { ...ref, type: ['null', 'string'] });
    expect(widened.body.error.problems).toMatchObject([
      { code: 'became_optional', pointer: '/data/ref' },
    ]);
    await choose('none', PLATFORM).expect(200);
    expect((await publish(textId)).body).toMatchObject({
      version: 2,
      generation: 4,
    });

    const { body } = await api('get', '/push/evolution', DEVELOPER);
    expect(body).toMatchObject({ mode: 'none', readers: { isKnown: false } });
    expect(
      audited
        .filter(({ meta }) => meta.aspect === 'compatibility')
        .map(({ outcome, meta }) => [outcome, meta.mode]),
    ).toEqual([
      ['success', 'full-transitive'],
      ['fail', undefined],
      ['fail', undefined],
      ['fail', undefined],
      ['success', 'none'],
    ]);
    expect(published).toHaveLength(4);
  });

  it('keeps the columns of what is in flight when a mode lets a field go', async () => {
    const { api, publish } = await start();
    await api('put', '/push/compatibility', PLATFORM)
      .send({ mode: 'none' })
      .expect(200);
    await publish(id, note).expect(200);
    const { body } = await api('get', '/push');
    expect(body.schema.fields).toMatchObject([
      { name: 'id' },
      { name: 'note' },
    ]);
    expect(body.sealingSchema.fields).toMatchObject([
      { jsonName: 'id', type: 'long' },
      { jsonName: 'note', type: ['null', 'string'] },
      { jsonName: 'ref', type: ['null', 'string'] },
    ]);
    const list = await api('get', '');
    expect(list.body.items[0]).not.toHaveProperty('sealingSchema');

    const judged = await api('post', '/push/verdict').send({
      schema: record(id, note, { ...note, name: 'Ref' }),
    });
    expect(judged.body).toMatchObject({
      outcome: 'refused',
      problems: [{ code: 'columns_conflict' }],
    });
    const clash = await publish(id, note, { ...note, name: 'Ref' });
    expect(clash.body.error.problems).toMatchObject([
      { code: 'columns_conflict' },
    ]);
    // It takes everything again: no columns of its own any more.
    await publish(id, note, { ...ref, type: ['null', 'string'] }).expect(200);
    expect((await api('get', '/push')).body).not.toHaveProperty(
      'sealingSchema',
    );
  });

  it('shows how each version follows, and the difference of any two', async () => {
    const { api, publish } = await start();
    await publish(id, ref, note).expect(200);
    await publish(id, { ...ref, doc: 'The branch' }, note).expect(200);

    const versions = await api('get', '/push/versions', DEVELOPER);
    expect(versions.body.items).toMatchObject([
      {
        version: 3,
        step: { isBackward: true, isForward: true, differences: 1 },
      },
      { version: 2, step: { mode: 'backward-transitive', differences: 1 } },
      { version: 1, createdBy: 'user:default/owner' },
    ]);
    expect(versions.body.items[2]).not.toHaveProperty('step');

    const diff = (await api('get', '/push/versions/3/diff/1')).body;
    expect(diff).toMatchObject({
      from: { version: 3 },
      to: { version: 1 },
      isBackward: false,
      isForward: true,
      added: [],
      removed: [{ code: 'field_removed', path: 'note' }],
      changed: [],
      documentation: [{ code: 'documentation_changed', old: 'The branch' }],
    });
    for (const path of ['4/diff/1', '0/diff/1', 'one/diff/1']) {
      await api('get', `/push/versions/${path}`).expect(404);
    }
  });

  it('deprecates with a message, a last day and a successor, and lifts it again', async () => {
    const { api } = await start();
    await api('post', '')
      .send({ ...push, name: 'pushed' })
      .expect(201);
    const deprecate = (body: object, as = OWNER) =>
      api('put', '/push/deprecation', as).send(body);

    const first = await deprecate({
      message: 'Send pushed instead',
      endsOn: '2027-01-31',
      successor: 'pushed',
    });
    expect(first.body).toMatchObject({
      generation: 2,
      deprecation: {
        message: 'Send pushed instead',
        by: 'user:default/owner',
        endsOn: '2027-01-31',
        successor: 'pushed',
      },
    });
    const { since } = first.body.deprecation;
    const reworded = await deprecate({ message: 'Soon gone' });
    expect(reworded.body.deprecation).toMatchObject({ since });

    for (const [body, pointer] of [
      [{}, '/message'],
      [{ message: 'x', endsOn: '2027-02-30' }, '/endsOn'],
      [{ message: 'x', successor: 'missing' }, '/successor'],
      [{ message: 'x', successor: 'push' }, '/successor'],
    ] as const) {
      const { status, body: answer } = await deprecate(body);
      expect([status, answer.error.problems[0].pointer]).toEqual([
        400,
        pointer,
      ]);
    }
    await deprecate({ message: 'x' }, DEVELOPER).expect(403);

    const lifted = await api('delete', '/push/deprecation').expect(200);
    expect(lifted.body).not.toHaveProperty('deprecation');
  });

  it('makes a breaking change a new event type, step by step, each by a person', async () => {
    const { api, audited } = await start();
    const broken = record(textId, note);
    const ask = (schema: unknown, as = OWNER) =>
      api('post', '/push/majors', as).send({ reason: 'Ids are texts', schema });
    const decide = (isApproved: boolean, as = PLATFORM) =>
      api('post', '/push/majors/decision', as).send({ isApproved });
    const codes = (answer: { body: { error: { problems: object[] } } }) =>
      answer.body.error.problems.map(found => Reflect.get(found, 'code'));

    expect(codes(await ask(record(id, ref, note)))).toEqual(['not_breaking']);
    await ask(broken, DEVELOPER).expect(403);
    expect(codes(await decide(true))).toEqual(['no_major_request']);

    expect((await ask(broken).expect(201)).body).toMatchObject({
      predecessor: 'push',
      successor: 'push.v2',
      state: 'requested',
      steps: [{ state: 'requested', by: 'user:default/owner' }],
    });
    expect(codes(await ask(broken))).toEqual(['major_under_way']);
    await decide(true, OWNER).expect(403);
    // Refused, it may be asked for again; and nobody approves what they ask for.
    await decide(false).expect(200);
    await ask(broken, PLATFORM).expect(201);
    expect(codes(await decide(true).expect(403))).toEqual(['own_request']);
    await api('get', '/push.v2').expect(404);
    expect(
      audited
        .filter(({ meta }) => meta.aspect === 'major-version')
        .map(({ outcome }) => outcome),
    ).toEqual([
      ...['fail', 'fail', 'fail', 'success', 'fail', 'fail'],
      ...['success', 'success', 'fail'],
    ]);
  });

  it('goes from dual write to retired, in this order only', async () => {
    const { api, publish, published } = await start();
    await api('post', '/push/majors')
      .send({ reason: 'Ids are texts', schema: record(textId, note) })
      .expect(201);
    const decided = await api('post', '/push/majors/decision', PLATFORM)
      .send({ isApproved: true, note: 'Agreed' })
      .expect(200);
    expect(decided.body).toMatchObject({
      state: 'dual-write',
      steps: [
        { state: 'requested', by: 'user:default/owner' },
        { state: 'dual-write', by: 'user:default/platform', note: 'Agreed' },
      ],
    });
    expect((await api('get', '/push.v2')).body).toMatchObject({
      owner: 'group:default/webhooks',
      tier: 'critical',
      version: 1,
      origin: 'portal',
      compatibility: 'backward-transitive',
    });
    expect((await api('get', '/push')).body.deprecation).toMatchObject({
      message: 'Ids are texts',
      successor: 'push.v2',
    });
    expect(
      (await api('get', '/push.v2/evolution')).body.succeeds,
    ).toMatchObject({ predecessor: 'push' });
    expect(published.map(({ eventPayload }) => eventPayload)).toContainEqual({
      action: 'changed',
      name: 'push.v2',
    });

    const step = (name: string) =>
      api('post', '/push/majors/steps').send({ step: name });
    expect((await step('retired')).body.error.problems).toMatchObject([
      { code: 'wrong_step' },
    ]);
    await step('consumers-moved').expect(200);
    await step('consumers-moved').expect(409);
    expect((await step('retired').expect(200)).body.state).toBe('retired');

    const { body } = await api('get', '/push');
    expect(body.retiredAt).toEqual(expect.any(String));
    const changed = await publish(id, ref, note);
    expect(changed.body.error.problems).toMatchObject([{ code: 'retired' }]);
    await api('put', '/push/compatibility')
      .send({ mode: 'full-transitive' })
      .expect(409);
    // A third major follows the second, not the first.
    const third = await api('post', '/push.v2/majors')
      .send({ reason: 'Again', schema: record(id) })
      .expect(201);
    expect(third.body.successor).toBe('push.v3');
  });

  it('judges declarations of the catalog in the mode of the event type', async () => {
    const { api, setEntities, takeIn } = await start();
    const org = [group('webhooks')];
    setEntities([...org, declared('built', { schema: record(id, ref) })]);
    await takeIn();
    await api('put', '/built/compatibility')
      .send({ mode: 'full-transitive' })
      .expect(200);
    const optional = { ...ref, type: ['null', 'string'] };
    setEntities([...org, declared('built', { schema: record(id, optional) })]);
    await takeIn();
    expect((await api('get', '/built')).body).toMatchObject({
      version: 1,
      declarationProblems: [{ code: 'became_optional', pointer: '/data/ref' }],
    });
  });
});
