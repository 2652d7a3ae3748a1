import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { DeclarationImportReview } from '@millrace/plugin-event-types-common';
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
} from '../../__testUtils__/startEventTypes';

jest.setTimeout(120_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const OTHER = mockCredentials.user.header('user:default/other');
const READER = mockCredentials.user.header('user:default/reader');

/** Owners change what is theirs; readers read and nothing else. */
const policy: TestPolicy = (permission, user) => {
  if (permission.endsWith('.read')) {
    return user ? ALLOW : DENY;
  }
  if (!user || user === 'user:default/reader') {
    return DENY;
  }
  if (!permission.endsWith('.update')) {
    return ALLOW;
  }
  return user === 'user:default/owner'
    ? ifOwner('group:default/webhooks')
    : ifOwner('group:default/others');
};

const NAME = 'shop.order_placed';
const schema = record(
  { name: 'order_id', type: 'string' },
  { name: 'total_cents', type: 'long' },
);

const declaration = {
  name: NAME,
  description: 'A customer placed an order',
  owner: 'group:default/webhooks',
  tier: 'critical',
  tags: ['orders'],
  expectedEventsPerDay: 200_000,
  schema,
};

const TEXT = `apiVersion: millrace.io/v1alpha1
kind: EventType
metadata:
  name: shop.order_paid
  description: An order was paid
spec:
  owner: group:default/webhooks
  tier: normal
  schema:
    type: record
    name: order_paid
    fields:
      - { name: order_id, type: string }
`;

describe('declarations that are sent as YAML', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start() {
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy,
      entities: [group('webhooks'), group('others')],
      config: {
        eventTypes: { catalogIntake: { orphanAfter: { seconds: 0 } } },
      },
    });
    running.push(backend.stop);
    const call = (method: 'get' | 'post' | 'put', path: string, as = OWNER) =>
      request(backend.server)
        [method](`/api/event-types${path}`)
        .set('Authorization', as);
    const yaml = (
      method: 'post' | 'put',
      path: string,
      text: string,
      as = OWNER,
    ) => call(method, path, as).type('application/yaml').send(text);
    const check = async (
      text: string,
      path = `/event-types/${NAME}/declaration/check`,
    ): Promise<DeclarationImportReview> => {
      const answer = await yaml('post', path, text);
      expect(answer.status).toBe(200);
      return answer.body;
    };
    const register = () =>
      call('post', '/event-types').send(declaration).expect(201);
    const exported = async () =>
      (await call('get', `/event-types/${NAME}/declaration.yaml`)).text;
    const read = async (name = NAME) =>
      (await call('get', `/event-types/${name}`)).body;
    return { ...backend, call, yaml, check, register, exported, read };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  const placesOf = (problems: Array<{ code: string; line?: number }>) =>
    problems.map(({ code, line }) => `${code} ${line}`);

  it('change nothing when they come back as they were given out', async () => {
    const { check, exported, read, register, yaml } = await start();
    await register();
    const before = await read();
    const text = await exported();
    expect(await check(text)).toMatchObject({
      name: NAME,
      isReady: true,
      action: 'unchanged',
      isTakeOver: false,
      problems: [],
      parts: [],
      differences: [],
      version: 1,
      generation: 1,
    });
    const put = await yaml('put', `/event-types/${NAME}/declaration`, text);
    expect(put.status).toBe(200);
    expect(await read()).toEqual(before);
  });

  it('tell what would differ, and do it only when they are taken in', async () => {
    const { audited, check, exported, read, register, yaml } = await start();
    await register();
    const text = (await exported())
      .replace('tier: critical', 'tier: low')
      .replace('- orders', '- shop')
      .replace(/ *expectedEventsPerDay.*\n/, '')
      .replace(
        /( +)- name: total_cents/,
        '$1- {name: note, type: ["null", string], semanticType: none}\n$1- name: total_cents',
      );
    const review = await check(text);
    expect(review.problems).toEqual([]);
    expect(review).toMatchObject({
      isReady: true,
      action: 'new-version',
      version: 2,
      generation: 1,
      parts: [
        { part: 'tier', old: 'critical', new: 'low' },
        { part: 'tags', old: 'orders', new: 'shop' },
        { part: 'expectedEventsPerDay', old: '200000' },
      ],
      differences: [{ path: 'note', isBreaking: false, version: 1 }],
    });
    expect((await read()).generation).toBe(1);

    const path = `/event-types/${NAME}/declaration`;
    const put = await yaml('put', `${path}?generation=1`, text);
    expect(put.status).toBe(200);
    expect(await read()).toMatchObject({
      origin: 'portal',
      version: 2,
      tier: 'low',
      tags: ['shop'],
    });
    expect(audited).toContainEqual({
      eventId: 'event-type-mutate',
      outcome: 'success',
      meta: expect.objectContaining({
        actionType: 'update',
        eventType: NAME,
        outcome: 'updated',
        form: 'yaml',
      }),
    });

    // What was checked is not what is there any more.
    const late = await yaml('put', `${path}?generation=1`, text);
    expect([late.status, late.body.error.problems[0].code]).toEqual([
      409,
      'changed_meanwhile',
    ]);
    expect((await yaml('put', `${path}?generation=x`, text)).status).toBe(400);
  });

  it('are refused as a whole, each problem with its line', async () => {
    const { audited, check, exported, read, register, yaml } = await start();
    await register();
    const text = (await exported())
      .replace('tier: critical', 'tier: urgent')
      .replace('owner: group:default/webhooks', 'owner: group:default/gone');
    const lineOf = (part: string) =>
      text.split('\n').findIndex(line => line.includes(part)) + 1;
    const review = await check(text);
    expect(review).toMatchObject({ isReady: false, action: 'refused' });
    expect(placesOf(review.problems)).toEqual([
      `invalid_value ${lineOf('tier: urgent')}`,
      `owner_not_found ${lineOf('group:default/gone')}`,
    ]);

    const breaking = (await exported()).replace(
      /( +)- name: total_cents\n +type: long\n/,
      '',
    );
    expect(breaking).not.toContain('total_cents');
    expect(await check(breaking)).toMatchObject({
      action: 'refused',
      problems: [{ code: 'field_removed', pointer: '/data/total_cents' }],
      differences: [{ path: 'total_cents', isBreaking: true }],
    });
    const path = `/event-types/${NAME}/declaration`;
    expect((await yaml('put', path, breaking)).status).toBe(409);
    const unread = await yaml('put', path, text);
    expect(unread.status).toBe(400);
    expect(placesOf(unread.body.error.problems)).toEqual([
      `invalid_value ${lineOf('tier: urgent')}`,
    ]);
    expect((await read()).generation).toBe(1);
    expect(audited.filter(({ outcome }) => outcome === 'fail')).toHaveLength(2);
  });

  it('are compared by the mode of the event type, not by the default one', async () => {
    const { call, check, exported, register } = await start();
    await register();
    const breaking = (await exported()).replace(
      /( +)- name: total_cents\n +type: long\n/,
      '',
    );
    // Whoever may loosen it; the policy of this test lets everybody.
    await call('put', `/event-types/${NAME}/compatibility`)
      .send({ mode: 'none' })
      .expect(200);
    expect(await check(breaking)).toMatchObject({
      isReady: true,
      action: 'new-version',
      differences: [{ path: 'total_cents', isBreaking: false }],
    });
  });

  it('register what is new', async () => {
    const { audited, check, read, yaml } = await start();
    expect(await check(TEXT, '/declarations/check')).toMatchObject({
      name: 'shop.order_paid',
      isReady: true,
      action: 'create',
      version: 1,
      fields: [{ path: 'order_id' }],
      hints: [],
    });
    expect(await read('shop.order_paid')).toHaveProperty('error');
    const created = await yaml('post', '/declarations', TEXT);
    expect(created.status).toBe(201);
    expect(await read('shop.order_paid')).toMatchObject({
      origin: 'portal',
      version: 1,
      description: 'An order was paid',
    });
    expect(audited).toMatchObject([
      {
        outcome: 'success',
        meta: { actionType: 'create', eventType: 'shop.order_paid' },
      },
    ]);
    const again = await yaml('post', '/declarations', TEXT);
    expect([again.status, again.body.error.problems]).toMatchObject([
      409,
      [{ code: 'name_taken', pointer: '/metadata/name', line: 4 }],
    ]);
  });

  it('ask about fields that may be about persons, at their lines', async () => {
    const { check, yaml } = await start();
    const text = TEXT.replace('order_id,', 'email,').replace(
      'tier: normal',
      'tier: normal\n  colour: red',
    );
    const review = await check(text, '/declarations/check');
    expect(placesOf(review.problems)).toEqual(['undecided_personal_field 14']);
    expect(review.problems[0].suggestion).toMatchObject({
      semanticType: 'email',
    });
    expect(placesOf(review.hints)).toEqual(['unknown_property 9']);
    const refused = await yaml('post', '/declarations', text);
    expect([refused.status, refused.body.error.problems[0].line]).toEqual([
      400, 14,
    ]);
  });

  it.each([
    ['another kind', 'apiVersion: v1\nkind: Component\n', 'wrong_kind 2'],
    ['no document at all', 'just a text', 'wrong_kind 1'],
    ['a syntax error', 'a: [1, 2', 'invalid_yaml 1'],
    ['two documents', `${TEXT}---\n${TEXT}`, 'invalid_yaml 14'],
    ['a key that is there twice', `${TEXT}  tier: low\n`, 'invalid_yaml 14'],
    [
      'another version of the kind',
      TEXT.replace('v1alpha1', 'v9'),
      'unsupported_api_version 1',
    ],
    [
      'a thousand brackets',
      `${'['.repeat(1000)}${']'.repeat(1000)}`,
      'too_deep undefined',
    ],
    [
      'a name that breaks the rule',
      TEXT.replace('shop.order_paid', 'Shop Order'),
      'invalid_event_type_name 4',
    ],
    [
      'another namespace',
      TEXT.replace('description:', 'namespace: team\n  description:'),
      'unsupported_namespace 5',
    ],
  ])('are refused with the line: %s', async (_what, text, wanted) => {
    const { check } = await start();
    const review = await check(text, '/declarations/check');
    expect(review).toMatchObject({ isReady: false, action: 'refused' });
    expect(placesOf(review.problems)).toEqual([wanted]);
  });

  it('are refused when they are made to unfold without end', async () => {
    const { check } = await start();
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      const before = String.fromCharCode(96 + level);
      const next = String.fromCharCode(97 + level);
      bomb.push(`${next}: &${next} [${`*${before}, `.repeat(9)}]`);
    }
    const review = await check(bomb.join('\n'), '/declarations/check');
    expect(placesOf(review.problems)).toEqual(['too_many_aliases undefined']);
  });

  it('do not become another event type than the one of the page', async () => {
    const { check, read, register, yaml } = await start();
    await register();
    expect(await check(TEXT)).toMatchObject({
      name: 'shop.order_paid',
      action: 'refused',
      problems: [{ code: 'name_mismatch', pointer: '/metadata/name', line: 4 }],
    });
    const put = await yaml('put', `/event-types/${NAME}/declaration`, TEXT);
    expect(put.status).toBe(400);
    expect(await read('shop.order_paid')).toHaveProperty('error');
  });

  it('wait for the file where a repository declares, and take over what it left behind', async () => {
    const { check, exported, read, setEntities, takeIn, yaml } = await start();
    const org = [group('webhooks'), group('others')];
    setEntities([...org, declared(NAME, { schema })]);
    await takeIn();
    expect(await read()).toMatchObject({ origin: 'catalog' });
    const text = await exported();
    expect(await check(text)).toMatchObject({
      isReady: false,
      problems: [{ code: 'declared_in_catalog' }],
    });
    const path = `/event-types/${NAME}/declaration`;
    expect((await yaml('put', path, text)).status).toBe(409);

    setEntities(org);
    await takeIn();
    await takeIn();
    expect(await read()).toHaveProperty('orphanedAt');
    expect(await check(text)).toMatchObject({
      isReady: true,
      action: 'unchanged',
      isTakeOver: true,
    });
    expect((await yaml('put', path, text)).status).toBe(200);
    expect(await read()).toMatchObject({ origin: 'portal' });
  });

  it('are for those who may do the same by the form', async () => {
    const { audited, call, exported, register, yaml } = await start();
    await register();
    const text = await exported();
    const path = `/event-types/${NAME}/declaration`;
    const none = mockCredentials.none.header();
    for (const [method, at] of [
      ['post', '/declarations/check'],
      ['post', '/declarations'],
      ['post', `${path}/check`],
      ['put', path],
    ] as const) {
      const statuses = await Promise.all(
        [READER, none].map(
          async as => (await yaml(method, at, text, as)).status,
        ),
      );
      expect([at, ...statuses]).toEqual([at, 403, 401]);
      const empty = await call(method, at).type('application/yaml').send('');
      expect([at, empty.status]).toEqual([at, 400]);
    }
    expect((await yaml('put', path, text, OTHER)).status).toBe(403);
    const foreign = await yaml('post', '/declarations', TEXT, OTHER);
    expect([foreign.status, foreign.body.error.problems]).toMatchObject([
      403,
      [{ code: 'not_owner', pointer: '/spec/owner', line: 7 }],
    ]);
    // What was refused is in the audit log as well, with its name where it has one.
    expect(
      audited
        .filter(({ outcome }) => outcome === 'fail')
        .map(({ meta }) => `${meta.actionType} ${meta.eventType}`)
        .sort(),
    ).toEqual([
      'create shop.order_paid',
      'create undefined',
      `update ${NAME}`,
      `update ${NAME}`,
      `update ${NAME}`,
    ]);
  });
});
