import { actionsRegistryServiceFactory } from '@backstage/backend-defaults/alpha';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  declareBucket,
  recordRefusedEvents,
  recordWaitingBuckets,
  registerGateway,
} from '@millrace/ledger';
import { bucketOf } from '@millrace/schema';
import request from 'supertest';
import { eventType } from '../__testUtils__/eventType';
import { type Identity, asIdentity } from '../__testUtils__/identities';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const minutesAgo = (n: number) =>
  bucketOf(new Date(Date.now() - n * 60_000), 60);
const WAITING = minutesAgo(5);
const LATE = minutesAgo(20);
const ON_TIME = minutesAgo(21);

describe('the actions of delivery', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      // The real registry of actions, with its routes.
      features: [actionsRegistryServiceFactory],
      eventTypes: [
        eventType('github.push'),
        eventType('shop.ship', 'group:default/shop'),
        eventType('secret.plan', 'group:default/shop'),
      ],
      hidden: ['secret.plan'],
    });
    const { ledger, lakeRoot } = delivery;
    await ledger('event_types').update({ provisioned_at: ON_TIME.start });
    for (const [bucket, latenessMs] of [
      [ON_TIME, 4_000],
      [LATE, 600_000],
    ] as const) {
      await sealPartition(ledger, lakeRoot, {
        eventType: 'github.push',
        bucket,
        delivered: 1,
        latenessMs,
      });
    }
    await registerGateway(ledger, {
      gateway: 'g',
      epoch: 'e',
      startedAt: ON_TIME.start,
      url: 'http://g',
      pid: 1,
      leaseMs: 60_000,
    });
    await declareBucket(ledger, {
      gateway: 'g',
      epoch: 'e',
      bucket: WAITING,
      counts: [
        {
          eventType: 'github.push',
          lastBatch: 2,
          abandonedBatches: [],
          events: 20,
        },
      ],
    });
    await recordWaitingBuckets(ledger, {
      worker: 'worker-1',
      buckets: [
        {
          eventType: 'github.push',
          bucket: WAITING,
          decision: {
            rule: 'every-gateway-declared',
            verdict: 'blocked',
            reasons: [
              { code: 'batches_missing', message: 'Two are not staged yet' },
            ],
            inputs: {},
          },
        },
      ],
    });
  });

  afterAll(async () => {
    await delivery?.stop();
  });

  const invoke = (
    action: string,
    input: object,
    as: Identity | 'nobody' = 'developer',
  ) => {
    const call = request(delivery.server)
      .post(
        `/api/delivery/.backstage/actions/v1/actions/delivery:${action}/invoke`,
      )
      .send(input);
    return as === 'nobody' ? call : call.set('Authorization', asIdentity(as));
  };

  it('are listed as what only reads', async () => {
    const { body } = await request(delivery.server)
      .get('/api/delivery/.backstage/actions/v1/actions')
      .set('Authorization', asIdentity('developer'));
    expect(
      body.actions.map(({ id, attributes }: { id: string; attributes: {} }) => [
        id,
        attributes,
      ]),
    ).toEqual(
      ['delivery:why-is-it-late', 'delivery:why-are-events-refused'].map(id => [
        id,
        { readOnly: true, destructive: false, idempotent: true },
      ]),
    );
  });

  it('say why buckets are late or wait, newest first', async () => {
    const { body, status } = await invoke('why-is-it-late', {
      eventType: 'github.push',
    });
    expect(status).toBe(200);
    expect(body.output).toMatchObject({
      eventType: 'github.push',
      owner: 'group:default/webhooks',
      lateOrWaiting: 2,
      answer: expect.stringMatching(
        /^2 of the newest 200 buckets of 'github.push' are late or wait.*Two are not staged yet/,
      ),
      buckets: [
        {
          start: WAITING.start.toISOString(),
          state: 'waiting',
          message: 'It waits: Two are not staged yet',
          reasons: [
            { code: 'batches_missing', message: 'Two are not staged yet' },
          ],
          eventsMissingAtMost: 20,
          stages: [],
        },
        {
          start: LATE.start.toISOString(),
          state: 'sealed',
          isLate: true,
          latenessSeconds: 600,
          message: expect.stringMatching(/^It was sealed 600 s after its end/),
          reasons: [],
        },
      ],
    });
    const one = await invoke('why-is-it-late', {
      eventType: 'github.push',
      limit: 1,
    });
    expect(one.body.output.buckets).toHaveLength(1);
    expect(one.body.output.lateOrWaiting).toBe(2);
  });

  it('say so where nothing is late and nothing was refused', async () => {
    const late = await invoke('why-is-it-late', { eventType: 'shop.ship' });
    expect(late.body.output).toMatchObject({
      answer: expect.stringMatching(/^Nothing of 'shop.ship' is late/),
      buckets: [],
    });
    const refused = await invoke('why-are-events-refused', {
      eventType: 'shop.ship',
    });
    expect(refused.body.output).toMatchObject({
      answer: "No event of 'shop.ship' was refused in the last 31 days.",
      groups: [],
    });
  });

  it.each(['why-is-it-late', 'why-are-events-refused'])(
    'answer %s to whom the routes would answer, and to nobody else',
    async action => {
      const statusOf = async (eventTypeName: string, as: Identity | 'nobody') =>
        (await invoke(action, { eventType: eventTypeName }, as)).status;
      expect(await statusOf('github.push', 'developer')).toBe(200);
      expect(await statusOf('secret.plan', 'platform')).toBe(200);
      expect(await statusOf('secret.plan', 'developer')).toBe(403);
      expect(await statusOf('github.push', 'stranger')).toBe(403);
      expect(await statusOf('no.such', 'developer')).toBe(404);
      expect(await statusOf('../status', 'developer')).toBe(404);
      expect((await invoke(action, {})).status).toBe(400);
      expect((await invoke(action, { eventType: 'x'.repeat(64) })).status).toBe(
        400,
      );
    },
  );

  it('say of refused events what the caller may know, and never a value', async () => {
    await recordRefusedEvents(delivery.ledger, {
      events: [
        {
          refusalId: 'ffffffff-ffff-ffff-ffff-000000000001',
          eventType: 'github.push',
          eventId: 'e-1',
          source: '/test',
          reason: 'wrong_type',
          pointer: '/data/jane@example.com/0/n',
          message: 'must be long',
          receivedAt: new Date().toISOString(),
          writeKeyId: 'key',
          event: '{"data":{"name":"Jane Doe"}}',
        },
      ],
    });
    const eventTypeName = 'github.push';
    const counts = await invoke('why-are-events-refused', {
      eventType: eventTypeName,
      field: '/data/whatever',
    });
    expect(counts.body.output).toMatchObject({
      isByReasonAlone: true,
      total: 1,
      groups: [{ reason: 'wrong_type', count: 1 }],
    });
    expect(JSON.stringify(counts.body)).not.toMatch(/jane/i);

    const field = '/data/jane@example.com/*/n';
    const full = await invoke(
      'why-are-events-refused',
      { eventType: eventTypeName, field },
      'owner',
    );
    expect(full.body.output).toMatchObject({
      isByReasonAlone: false,
      groups: [{ reason: 'wrong_type', field, count: 1, replayed: 0 }],
    });
    expect(JSON.stringify(full.body)).not.toContain('Jane Doe');
    const elsewhere = await invoke(
      'why-are-events-refused',
      { eventType: eventTypeName, field: '/data/id' },
      'owner',
    );
    expect(elsewhere.body.output).toMatchObject({
      answer: expect.stringMatching(/^0 of the 1 events.*at \/data\/id\.$/),
      groups: [],
    });
  });
});
