import {
  hashWriteKeySecret,
  parseWriteKey,
  readConfigSnapshot,
  recordWriteKeyUses,
} from '@millrace/ledger';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { WriteKeyList } from '@millrace/plugin-delivery-common';
import { eventType } from '../__testUtils__/eventType';
import type { Identity } from '../__testUtils__/identities';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

describe('write keys', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let api: RunningDelivery['api'];

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [
        eventType('github.push'),
        eventType('shop.ship', 'group:default/shop'),
        eventType('secret.plan', 'group:default/shop'),
      ],
      hidden: ['secret.plan'],
    });
    api = delivery.api;
  });
  afterAll(() => delivery.stop());

  it('shows a key once, hands its hash to the gateways, and revokes it', async () => {
    const created = await api('post', '/write-keys').send({
      name: 'producer',
      producer: 'hooks',
      eventTypes: ['github.push'],
    });
    expect(created.status).toBe(201);
    expect(created.headers['cache-control']).toBe('no-store');
    const { keyId, writeKey } = created.body;
    expect(created.body).toEqual({
      keyId,
      writeKey,
      name: 'producer',
      producer: 'hooks',
      owner: 'group:default/webhooks',
      kind: 'server',
      eventTypes: ['github.push'],
      createdAt: expect.any(String),
      createdBy: 'user:default/owner',
      state: 'live',
      use: { requests: 0, events: 0, refusedRequests: 0, gateways: [] },
    });
    const { secret } = parseWriteKey(writeKey)!;

    const snapshotKey = async () =>
      (await readConfigSnapshot(delivery.ledger))?.writeKeys.find(
        key => key.keyId === keyId,
      );
    // With the answer, and not with the next round of the reconciler, which
    // needs a broker.
    expect(await snapshotKey()).toEqual({
      keyId,
      secretHash: hashWriteKeySecret(secret),
      kind: 'server',
      producer: 'hooks',
      eventTypes: ['github.push'],
    });

    const listed = await api('get', '/write-keys');
    const told = JSON.stringify([
      listed.body,
      delivery.audited,
      ...Object.values(delivery.logger).flatMap(method =>
        jest.isMockFunction(method) ? method.mock.calls : [],
      ),
    ]);
    expect(told).toContain(keyId);
    expect(told).not.toContain(secret);

    expect((await api('delete', `/write-keys/${keyId}`)).status).toBe(204);
    expect((await api('delete', `/write-keys/${keyId}`)).status).toBe(204);
    expect(await snapshotKey()).toBeUndefined();
    expect(delivery.audited).toEqual(
      expect.arrayContaining([
        {
          eventId: 'write-key-mutate',
          outcome: 'success',
          meta: {
            actionType: 'create',
            keyId,
            name: 'producer',
            producer: 'hooks',
            owner: 'group:default/webhooks',
            kind: 'server',
            eventTypes: ['github.push'],
          },
        },
        {
          eventId: 'write-key-mutate',
          outcome: 'success',
          meta: { actionType: 'revoke', keyId },
        },
      ]),
    );
  });

  it('are seen and revoked by those they belong to, and by the platform team', async () => {
    const { body: key } = await api('post', '/write-keys', 'platform').send({
      name: 'for the shop',
      producer: 'shop',
      eventTypes: ['shop.ship'],
    });
    const sees = async (who: Identity) => {
      const { body } = await api('get', '/write-keys', who);
      const { items }: WriteKeyList = body;
      return items.some(({ keyId }) => keyId === key.keyId);
    };
    expect(await sees('platform')).toBe(true);
    expect(await sees('owner')).toBe(false);
    const url = `/write-keys/${key.keyId}`;
    for (const who of ['owner', 'developer', 'stranger'] as const) {
      expect((await api('delete', url, who)).status).toBe(403);
    }
    expect((await api('delete', url, 'platform')).status).toBe(204);
    expect(
      (await api('delete', '/write-keys/0000000000', 'platform')).status,
    ).toBe(404);
  });

  it('are rotated: two work, a third is refused, and the secret is shown once', async () => {
    const { body: old } = await api('post', '/write-keys').send({
      name: 'rotated',
      producer: 'rotating',
      eventTypes: ['github.push'],
      eventsPerSecond: 500,
    });
    const rotate = (keyId: string, body?: object) =>
      api('post', `/write-keys/${keyId}/rotate`).send(body);
    const rotated = await rotate(old.keyId, { graceSeconds: 3600 });
    expect(rotated.status).toBe(201);
    expect(rotated.headers['cache-control']).toBe('no-store');
    expect(rotated.body).toMatchObject({
      producer: 'rotating',
      eventTypes: ['github.push'],
      eventsPerSecond: 500,
      replaces: old.keyId,
      state: 'live',
    });
    const { secret } = parseWriteKey(rotated.body.writeKey)!;
    expect((await rotate(rotated.body.keyId)).status).toBe(409);

    const { body: list }: { body: WriteKeyList } = await api(
      'get',
      '/write-keys',
    );
    expect(list.items.find(({ keyId }) => keyId === old.keyId)).toMatchObject({
      state: 'live',
      expiresAt: expect.any(String),
    });
    const told = JSON.stringify([list, delivery.audited]);
    expect(told).not.toContain(secret);
    expect(delivery.audited).toContainEqual({
      eventId: 'write-key-mutate',
      outcome: 'success',
      meta: {
        actionType: 'rotate',
        keyId: old.keyId,
        successor: rotated.body.keyId,
        graceSeconds: 3600,
      },
    });
    expect(delivery.audited).toContainEqual({
      eventId: 'write-key-mutate',
      outcome: 'fail',
      meta: { actionType: 'rotate', keyId: rotated.body.keyId },
    });

    await api('delete', `/write-keys/${old.keyId}`);
    expect((await rotate(old.keyId)).status).toBe(409);
    expect((await rotate(rotated.body.keyId)).status).toBe(201);
    expect((await rotate('0000000000')).status).toBe(403);
    expect(
      (await api('post', '/write-keys/0000000000/rotate', 'platform').send())
        .status,
    ).toBe(404);
  });

  it('expire when told to, and tell who used them', async () => {
    const { body: key } = await api('post', '/write-keys').send({
      name: 'expiring',
      producer: 'expiring',
      eventTypes: ['github.push'],
    });
    const expiry = (body: object) =>
      api('post', `/write-keys/${key.keyId}/expiry`).send(body);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    expect((await expiry({ expiresAt })).body).toMatchObject({ expiresAt });
    expect(
      (await readConfigSnapshot(delivery.ledger))?.writeKeys,
    ).toContainEqual(expect.objectContaining({ keyId: key.keyId, expiresAt }));
    expect((await expiry({})).body.expiresAt).toBeUndefined();
    expect((await expiry({ expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(
      400,
    );

    const lastUsedAt = new Date('2026-01-01T00:00:00Z');
    for (const gateway of ['g1', 'g2']) {
      await recordWriteKeyUses(delivery.ledger, {
        gateway,
        epoch: 'e',
        uses: [
          {
            keyId: key.keyId,
            requests: 2,
            events: 20,
            refusedRequests: 1,
            lastUsedAt,
          },
        ],
      });
    }
    const { body: list }: { body: WriteKeyList } = await api(
      'get',
      '/write-keys',
    );
    const { use } = list.items.find(({ keyId }) => keyId === key.keyId)!;
    expect(use).toMatchObject({
      requests: 4,
      events: 40,
      refusedRequests: 2,
      lastUsedAt: lastUsedAt.toISOString(),
      gateways: [{ gateway: 'g1', requests: 2 }, { gateway: 'g2' }],
    });
  });

  it('give nobody more than they may create themselves', async () => {
    const { body: mixed } = await api('post', '/write-keys', 'platform').send({
      name: 'of two owners',
      producer: 'mixed',
      eventTypes: ['github.push', 'secret.plan'],
    });
    expect(mixed.owner).toBe('user:default/platform');
    const { body: list }: { body: WriteKeyList } = await api(
      'get',
      '/write-keys',
    );
    // Who owns an event type sees who may send it, and no more than that.
    expect(list.items.map(({ keyId }) => keyId)).toContain(mixed.keyId);
    const url = `/write-keys/${mixed.keyId}`;
    expect((await api('delete', url)).status).toBe(403);
    expect((await api('post', `${url}/rotate`).send()).status).toBe(403);
    expect((await api('post', `${url}/expiry`).send({})).status).toBe(403);

    const lifted = {
      name: 'lifted',
      producer: 'lifted',
      kind: 'browser',
      eventTypes: ['github.push'],
      eventsPerSecond: 2_001,
    };
    expect((await api('post', '/write-keys').send(lifted)).status).toBe(403);
    expect(
      (await api('post', '/write-keys', 'platform').send(lifted)).status,
    ).toBe(201);
  });

  const good = { name: 'x', producer: 'p', eventTypes: ['github.push'] };

  it.each([
    [{ ...good, name: undefined }, 'name'],
    [{ ...good, name: ' ' }, 'name'],
    [{ ...good, producer: undefined }, 'producer'],
    [{ ...good, producer: 'a b' }, 'producer'],
    [{ ...good, producer: '../x' }, 'producer'],
    [{ ...good, eventTypes: [] }, 'eventTypes'],
    [{ ...good, eventTypes: ['no.such'] }, "'no.such'"],
    [{ ...good, eventTypes: ['secret.plan'] }, "'secret.plan'"],
    [{ ...good, kind: 'mobile' }, 'browser'],
    [{ ...good, kind: 'browser', eventTypes: undefined }, 'public'],
    [{ ...good, eventsPerSecond: 0 }, 'eventsPerSecond'],
    [{ ...good, eventsPerSecond: 1.5 }, 'eventsPerSecond'],
    [{ ...good, expiresAt: '2020-01-01T00:00:00Z' }, 'future'],
    [{ ...good, admin: true }, 'admin'],
  ])('are not made from %j', async (body, words) => {
    const answer = await api('post', '/write-keys').send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(words);
  });
});
