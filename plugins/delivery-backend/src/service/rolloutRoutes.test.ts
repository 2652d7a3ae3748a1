import { TestDatabases } from '@backstage/backend-test-utils';
import { recordDriftRepairs } from '@millrace/ledger';
import { bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { sealPartition, stageEvents } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

jest.setTimeout(60_000);

const bucketAgo = (minutes: number) =>
  bucketOf(new Date(Date.now() - minutes * 60_000), 60);

describe('routes about what is set up', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [eventType('github.push'), eventType('shop.ship')],
    });
    await sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: 'github.push',
      bucket: bucketAgo(10),
      delivered: 7,
      latenessMs: 1,
    });
    await stageEvents(delivery.ledger, {
      eventType: 'github.push',
      bucket: bucketAgo(5),
      events: 3,
    });
    await delivery
      .api('post', '/write-keys', 'platform')
      .send({ name: 'one', producer: 'one', eventTypes: ['github.push'] })
      .expect(201);
    await delivery
      .api('post', '/write-keys', 'platform')
      .send({
        name: 'two',
        producer: 'two',
        eventTypes: ['github.push', 'shop.ship'],
      })
      .expect(201);
    await delivery
      .api('post', '/write-keys', 'platform')
      .send({ name: 'all', producer: 'all' })
      .expect(201);
  });
  afterAll(() => delivery.stop());

  it('tells its owner what there is of an event type', async () => {
    const { body } = await delivery
      .api('get', '/event-types/github.push/footprint')
      .expect(200);
    expect(body).toMatchObject({
      resources: [
        { kind: 'topic', name: 'event.github.push', exists: true },
        {
          kind: 'subscription',
          name: 'event.github.push.delivery',
          exists: true,
        },
        { kind: 'topic', name: 'refused.github.push', exists: true },
        {
          kind: 'subscription',
          name: 'refused.github.push.delivery',
          exists: true,
        },
      ],
      inFlight: 3,
      partitions: { count: 1, events: 7 },
      producers: {
        items: [
          { name: 'one', isOnlyUse: true },
          { name: 'two', isOnlyUse: false },
        ],
        total: 2,
        unrestricted: 1,
      },
      sinks: [],
    });
    expect(body.removal).toBeUndefined();
  });

  it('names producers to nobody who does not own it', async () => {
    const { body } = await delivery
      .api('get', '/event-types/github.push/footprint', 'developer')
      .expect(200);
    expect(body.producers).toEqual({ items: [], total: 2, unrestricted: 1 });
  });

  it('tells the platform team what each generation changed', async () => {
    await until(async () => {
      const { body } = await delivery.api('get', '/rollouts', 'platform');
      return body.newest?.generation >= 4;
    });
    const { body } = await delivery
      .api('get', '/rollouts?limit=2', 'platform')
      .expect(200);
    expect(body.items).toHaveLength(2);
    expect(body.nextBefore).toBe(body.items[1].generation);
    expect(body.items[0].changes).toEqual([
      { what: 'Write key all was added', actor: 'user:default/platform' },
    ]);
    const { body: rest } = await delivery
      .api('get', `/rollouts?limit=200&before=${body.nextBefore}`, 'platform')
      .expect(200);
    expect(rest.nextBefore).toBeUndefined();
    expect(rest.items.at(-1).changes).toMatchObject([
      { eventType: 'github.push', actor: 'user:default/owner' },
      { eventType: 'shop.ship' },
    ]);
    expect(body.components[0]).toMatchObject({
      kind: 'portal',
      behind: expect.any(Number),
    });
  });

  it.each(['?limit=0', '?limit=201', '?before=x', '?other=1'])(
    'refuses %s',
    async query => {
      const { status } = await delivery.api(
        'get',
        `/rollouts${query}`,
        'platform',
      );
      expect(status).toBe(400);
    },
  );

  it('says since when a condition holds', async () => {
    await until(async () => {
      const { body } = await delivery.api('get', '/event-types/shop.ship');
      return body.conditions[1].lastTransitionTime !== undefined;
    });
    const { body } = await delivery.api('get', '/event-types/shop.ship');
    expect(
      body.conditions.map(
        ({ type, reason }: { type: string; reason: string }) => [type, reason],
      ),
    ).toEqual([
      ['Declared', 'registered'],
      ['Provisioned', 'provisioned'],
      ['Receiving', 'no_event_yet'],
      ['Delivering', 'nothing_to_seal'],
    ]);
  });

  it('says of an event type, and of no other, what was put back at the broker lately', async () => {
    const message = 'The topic had been deleted and was created again.';
    const found = {
      kind: 'topic' as const,
      name: 'event.shop.ship',
      drift: 'deleted' as const,
      foundAt: new Date(),
    };
    await recordDriftRepairs(delivery.ledger, [
      { ...found, eventType: 'shop.ship', message: 'An earlier one.' },
    ]);
    await recordDriftRepairs(delivery.ledger, [
      { ...found, eventType: 'shop.ship', message },
      { ...found, message: 'Of none.' },
    ]);
    const repairedOf = async (name: string) => {
      const { body } = await delivery
        .api('get', `/event-types/${name}`)
        .expect(200);
      return body.conditions.map(
        ({ repaired }: { repaired?: { message: string } }) => repaired?.message,
      );
    };
    expect(await repairedOf('shop.ship')).toEqual([
      undefined,
      message,
      undefined,
      undefined,
    ]);
    expect(await repairedOf('github.push')).toEqual(Array(4).fill(undefined));
    await delivery.ledger.raw(
      "UPDATE drift_repairs SET repaired_at = now() - interval '8 days'",
    );
    expect(await repairedOf('shop.ship')).toEqual(Array(4).fill(undefined));
  });
});
