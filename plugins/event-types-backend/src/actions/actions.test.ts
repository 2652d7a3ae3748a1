import {
  type MockActionsRegistry,
  actionsRegistryServiceMock,
} from '@backstage/backend-test-utils/alpha';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  group,
  ifOwner,
  record,
  startEventTypes,
} from '../__testUtils__/startEventTypes';

jest.setTimeout(60_000);

const OWNER = mockCredentials.user('user:default/owner');
const GUEST = mockCredentials.user('user:default/guest');
const OUTSIDER = mockCredentials.user('user:default/outsider');
const PROGRAM = mockCredentials.service('external:agent');

/** The guest reads what one group owns; the outsider may do nothing. */
const policy: TestPolicy = (permission, user) => {
  if (user === 'user:default/outsider') {
    return DENY;
  }
  return user === 'user:default/guest' &&
    permission === 'event-types.event-type.read'
    ? ifOwner('group:default/webhooks')
    : ALLOW;
};

const email = { name: 'email', type: 'string', semanticType: 'email' };

describe('the actions of event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  async function start() {
    const actions: MockActionsRegistry = actionsRegistryServiceMock();
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy,
      entities: [group('shop'), group('webhooks')],
      features: [
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: {},
          factory: () => actions,
        }),
      ],
    });
    running.push(backend.stop);
    const asOwner = mockCredentials.user.header('user:default/owner');
    for (const [name, owner, field] of [
      ['shop.order_placed', 'shop', email],
      ['github.push', 'webhooks', { ...email, doc: 'x'.repeat(3000) }],
    ] as const) {
      await request(backend.server)
        .post('/api/event-types/event-types')
        .set('Authorization', asOwner)
        .send({
          name,
          description: 'It happened. '.repeat(60),
          owner: `group:default/${owner}`,
          tier: 'normal',
          schema: record({ name: 'id', type: 'long' }, field),
        })
        .expect(201);
    }
    backend.audited.length = 0;
    const invoke = async (
      name: string,
      input: JsonObject,
      credentials: typeof OWNER | typeof PROGRAM = OWNER,
    ) => {
      const { output } = await actions.invoke({
        id: `test:${name}`,
        input,
        credentials,
      });
      return output;
    };
    return { ...backend, actions, invoke };
  }

  it('say of themselves what they change', async () => {
    const { actions } = await start();
    const { actions: listed } = await actions.list();
    expect(
      listed.map(({ name, attributes }) => [name, attributes]).sort(),
    ).toEqual([
      [
        'draft-registration',
        { readOnly: false, destructive: false, idempotent: true },
      ],
      [
        'explain-field',
        { readOnly: true, destructive: false, idempotent: true },
      ],
      [
        'find-event-types',
        { readOnly: true, destructive: false, idempotent: true },
      ],
    ]);
  });

  it('find event types, few at a time, and only those one may read', async () => {
    const { invoke } = await start();
    expect(
      await invoke('find-event-types', { semanticType: 'email', limit: 1 }),
    ).toMatchObject({
      answer: '2 of the 2 event types you may read fit; these are 1 of them.',
      total: 2,
      nextCursor: expect.any(String),
      items: [
        {
          name: 'github.push',
          owner: 'group:default/webhooks',
          description: expect.stringMatching(/^.{299}…$/),
          fieldCount: 2,
          semanticTypes: ['email'],
        },
      ],
    });
    expect(
      await invoke('find-event-types', { text: 'it' }, GUEST),
    ).toMatchObject({ total: 1, items: [{ name: 'github.push' }] });
    expect(await invoke('find-event-types', {}, OUTSIDER)).toMatchObject({
      total: 0,
      items: [],
    });
    for (const input of [
      { limit: 21 },
      { limit: 0 },
      { text: 'x'.repeat(201) },
      { tier: 'urgent' },
      { cursor: 'made up' },
      { text: '\0' },
    ]) {
      await expect(invoke('find-event-types', input)).rejects.toMatchObject({
        name: 'InputError',
      });
    }
  });

  it('explain a field to those who may read its event type', async () => {
    const { invoke } = await start();
    const asked = { eventType: 'github.push', path: 'email' };
    expect(await invoke('explain-field', asked, GUEST)).toEqual({
      answer: expect.stringMatching(
        /^'email' of 'github.push' is a required string, there since version 1. It holds: /,
      ),
      eventType: 'github.push',
      owner: 'group:default/webhooks',
      version: 1,
      path: 'email',
      type: 'string',
      required: true,
      description: expect.stringMatching(/^x{1999}…$/),
      sinceVersion: 1,
      semanticType: {
        id: 'email',
        title: expect.any(String),
        description: expect.any(String),
        isPersonal: true,
      },
    });
    await expect(
      invoke('explain-field', { ...asked, path: 'buyer.mail' }),
    ).rejects.toThrow(
      "Version 1 of 'github.push' has no field 'buyer.mail'; it has 'email'",
    );
    for (const [input, credentials, name] of [
      [{ eventType: 'no.such', path: 'id' }, OWNER, 'NotFoundError'],
      [
        { eventType: 'shop.order_placed', path: 'id' },
        GUEST,
        'NotAllowedError',
      ],
      [{ eventType: 'no.such', path: 'id' }, GUEST, 'NotAllowedError'],
      [asked, OUTSIDER, 'NotAllowedError'],
      [{ eventType: '../x', path: 'id' }, OWNER, 'NotFoundError'],
    ] as const) {
      await expect(
        invoke('explain-field', input, credentials),
      ).rejects.toMatchObject({ name });
    }
  });

  describe('that draft a registration', () => {
    const sample = {
      order_id: 7,
      customer_email: 'jane.doe@example.com',
      total: 12.5,
    };
    const draft = {
      key: 'orders-1',
      name: 'shop.order_paid',
      owner: 'group:default/shop',
      samples: [sample],
    };

    it('keep it for the caller alone, with proposals and without samples', async () => {
      const { audited, invoke, server } = await start();
      const drafted = await invoke('draft-registration', draft);
      expect(drafted).toMatchObject({
        isNew: true,
        answer: expect.stringMatching(
          /^A draft of 'shop.order_paid' is kept; 3 fields, 1 of them to be decided about. Nothing is registered yet.$/,
        ),
        proposals: [{ path: 'customer_email', semanticType: 'email' }],
      });
      const draftId: unknown = Reflect.get(Object(drafted), 'draftId');
      const read = (user: string) =>
        request(server)
          .get(`/api/event-types/drafts/${draftId}`)
          .set('Authorization', mockCredentials.user.header(user));
      const { body } = await read('user:default/owner').expect(200);
      expect(body).toMatchObject({
        title: 'shop.order_paid',
        revision: 1,
        content: {
          name: 'shop.order_paid',
          owner: 'group:default/shop',
          tier: 'normal',
          source: 'schema',
        },
      });
      expect(JSON.parse(body.content.schemaText)).toMatchObject({
        type: 'record',
      });
      expect(JSON.stringify([body, drafted, audited])).not.toMatch(/jane/);
      await read('user:default/guest').expect(404);
      await request(server)
        .get('/api/event-types/event-types/shop.order_paid')
        .set('Authorization', mockCredentials.user.header('user:default/owner'))
        .expect(404);
      expect(audited).toEqual([
        {
          eventId: 'event-type-draft-mutate',
          outcome: 'success',
          meta: {
            actionType: 'save',
            draft: draftId,
            by: 'user:default/owner',
            through: 'draft-registration',
            outcome: 'created',
          },
        },
      ]);
    });

    it('find the same draft by the same key, and leave it as it is', async () => {
      const { invoke, server } = await start();
      const first = await invoke('draft-registration', draft);
      const draftId: unknown = Reflect.get(Object(first), 'draftId');
      await request(server)
        .put(`/api/event-types/drafts/${draftId}`)
        .set('Authorization', mockCredentials.user.header('user:default/owner'))
        .send({ title: 'Mine now', content: { name: 'shop.order_settled' } })
        .expect(200);
      // Two at once, after the person went on.
      const again = await Promise.all([
        invoke('draft-registration', draft),
        invoke('draft-registration', draft),
      ]);
      expect(again).toMatchObject([
        { draftId, isNew: false },
        { draftId, isNew: false },
      ]);
      const { body } = await request(server)
        .get(`/api/event-types/drafts/${draftId}`)
        .set(
          'Authorization',
          mockCredentials.user.header('user:default/owner'),
        );
      expect(body).toMatchObject({ title: 'Mine now', revision: 2 });

      const other = await invoke('draft-registration', {
        ...draft,
        key: 'orders-2',
      });
      const ofAnother = await invoke('draft-registration', draft, GUEST);
      for (const each of [other, ofAnother]) {
        expect(each).toMatchObject({ isNew: true });
        expect(Reflect.get(Object(each), 'draftId')).not.toBe(draftId);
      }
    });

    it('keep what is not right yet, and say what it is', async () => {
      const { invoke } = await start();
      expect(
        await invoke('draft-registration', { ...draft, name: 'Not A Name' }),
      ).toMatchObject({
        isNew: true,
        answer: expect.stringContaining('1 problem to solve'),
        problems: [{ code: 'invalid_event_type_name', pointer: '/name' }],
      });
    });

    it('refuse who may not register, programs, and what is too much', async () => {
      const { audited, invoke } = await start();
      await expect(
        invoke('draft-registration', draft, OUTSIDER),
      ).rejects.toMatchObject({ name: 'NotAllowedError' });
      await expect(
        invoke('draft-registration', draft, PROGRAM),
      ).rejects.toThrow('Drafts belong to people');
      for (const input of [
        { ...draft, samples: [] },
        { ...draft, samples: Array.from({ length: 51 }, () => sample) },
        { ...draft, samples: [{ text: 'x'.repeat(300_000) }] },
        { ...draft, key: '' },
      ]) {
        await expect(invoke('draft-registration', input)).rejects.toMatchObject(
          {
            name: expect.stringMatching(
              /^(InputError|InvalidDeclarationError)$/,
            ),
          },
        );
      }
      expect(audited.every(({ outcome }) => outcome === 'fail')).toBe(true);
    });
  });
});
