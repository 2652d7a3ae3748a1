import {
  hashWriteKeySecret,
  parseWriteKey,
  readConfigSnapshot,
} from '@millrace/ledger';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { WriteKeyList } from '@millrace/plugin-delivery-common';
import { eventType } from '../__testUtils__/eventType';
import type { Identity } from '../__testUtils__/identities';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

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
      eventTypes: ['github.push'],
    });
    expect(created.status).toBe(201);
    expect(created.headers['cache-control']).toBe('no-store');
    const { keyId, writeKey } = created.body;
    expect(created.body).toEqual({
      keyId,
      writeKey,
      name: 'producer',
      eventTypes: ['github.push'],
      createdAt: expect.any(String),
      createdBy: 'user:default/owner',
    });
    const { secret } = parseWriteKey(writeKey)!;

    const snapshotKey = async () =>
      (await readConfigSnapshot(delivery.ledger))?.writeKeys.find(
        key => key.keyId === keyId,
      );
    await until(async () => (await snapshotKey()) !== undefined);
    expect(await snapshotKey()).toEqual({
      keyId,
      secretHash: hashWriteKeySecret(secret),
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
    await until(async () => (await snapshotKey()) === undefined);
    expect(delivery.audited).toEqual(
      expect.arrayContaining([
        {
          eventId: 'write-key-mutate',
          outcome: 'success',
          meta: {
            actionType: 'create',
            keyId,
            name: 'producer',
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

  it.each([
    [{ eventTypes: ['github.push'] }, 'name'],
    [{ name: ' ', eventTypes: ['github.push'] }, 'name'],
    [{ name: 'x', eventTypes: [] }, 'eventTypes'],
    [{ name: 'x', eventTypes: ['no.such'] }, "'no.such'"],
    [{ name: 'x', eventTypes: ['secret.plan'] }, "'secret.plan'"],
    [{ name: 'x', admin: true }, 'admin'],
  ])('are not made from %j', async (body, words) => {
    const answer = await api('post', '/write-keys').send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(words);
  });
});
