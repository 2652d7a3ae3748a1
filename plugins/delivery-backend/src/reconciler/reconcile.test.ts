import { TestDatabases } from '@backstage/backend-test-utils';
import {
  createLedgerClient,
  createWriteKey,
  endGateway,
  heartbeatGateway,
  migrateLedger,
  readConfigSnapshot,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { eventType } from '../__testUtils__/eventType';
import { connectionStringOf } from '../__testUtils__/ledgerUrl';
import {
  startTestBroker,
  type TestBroker,
} from '../__testUtils__/startTestBroker';
import { type CreatedResources, reconcile } from './reconcile';
import { Withdrawals } from './Withdrawals';

jest.setTimeout(60_000);

const ALL = [
  'event.github.push',
  'event.github.push.delivery',
  'event.shop.ship',
  'event.shop.ship.delivery',
  'refused-events',
  'refused-events.delivery',
  'refused.github.push',
  'refused.github.push.delivery',
  'refused.shop.ship',
  'refused.shop.ship.delivery',
];

describe('reconcile', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let broker: TestBroker;
  let ledger: Knex;
  let declared: EventType[];
  let created: CreatedResources[];
  let withdrawals: Withdrawals;

  beforeEach(async () => {
    broker = await startTestBroker();
    ledger = createLedgerClient({
      connectionString: connectionStringOf(await databases.init('POSTGRES_18')),
    });
    await migrateLedger(ledger);
    declared = [eventType('github.push'), eventType('shop.ship')];
    created = [];
    withdrawals = new Withdrawals({ ledger, now: () => new Date() });
  });
  afterEach(async () => {
    await broker.stop();
    await ledger.destroy();
  });

  function round() {
    return reconcile({
      listEventTypes: async () => declared,
      ledger,
      pubsub: broker.pubsub,
      withdrawals,
      bucketSeconds: 60,
      onCreated: async newOnes => {
        created.push(newOnes);
      },
    });
  }

  async function resources(): Promise<string[]> {
    const [topics] = await broker.pubsub.getTopics();
    const [subscriptions] = await broker.pubsub.getSubscriptions();
    return [...topics, ...subscriptions]
      .map(({ name }) => name.slice(name.lastIndexOf('/') + 1))
      .sort();
  }

  async function acceptedTypes(): Promise<string[]> {
    const snapshot = await readConfigSnapshot(ledger);
    return snapshot?.eventTypes.map(({ name }) => name) ?? [];
  }

  async function beat(gateway: string, generation: number) {
    await heartbeatGateway(ledger, {
      gateway,
      epoch: 'e',
      startedAt: new Date(),
      url: 'http://localhost',
      pid: 1,
      leaseMs: 60_000,
      generation,
    });
  }

  it('creates topics and subscriptions, then tells the gateways', async () => {
    const { keyId } = await createWriteKey(ledger, {
      name: 'key',
      createdBy: 'user:default/owner',
    });
    const result = await round();
    expect(result).toEqual({
      generation: 1,
      changed: true,
      problems: new Map(),
      refusedProblems: new Map(),
    });
    expect(await resources()).toEqual(ALL);
    const [metadata] = await broker.pubsub
      .subscription('event.github.push.delivery')
      .getMetadata();
    expect(metadata).toMatchObject({
      topic: 'projects/millrace-test/topics/event.github.push',
      ackDeadlineSeconds: 60,
      messageRetentionDuration: { seconds: String(31 * 24 * 60 * 60) },
    });
    expect(await readConfigSnapshot(ledger)).toMatchObject({
      generation: 1,
      bucketSeconds: 60,
      eventTypes: [
        {
          name: 'github.push',
          tier: 'normal',
          version: 1,
          schema: { type: 'record' },
          topic: 'event.github.push',
          subscription: 'event.github.push.delivery',
          refusedTopic: 'refused.github.push',
          refusedSubscription: 'refused.github.push.delivery',
        },
        { name: 'shop.ship' },
      ],
      writeKeys: [{ keyId }],
    });
  });

  it('does nothing the second time', async () => {
    await round();
    created = [];
    expect(await round()).toMatchObject({ generation: 1, changed: false });
    expect(created).toEqual([]);
  });

  it('tells what is deprecated and how to seal, and no more of what is retired', async () => {
    const sealingSchema = { type: 'record', name: 'united', fields: [] };
    const deprecation = {
      since: '2026-11-20T10:00:00.000Z',
      by: 'user:default/owner',
      message: 'Send another one',
      successor: 'shop.ship',
    };
    declared = [{ ...declared[0], deprecation, sealingSchema }, declared[1]];
    await round();
    const snapshot = await readConfigSnapshot(ledger);
    expect(snapshot?.eventTypes[0]).toMatchObject({
      sealingSchema,
      deprecation: { since: deprecation.since, successor: 'shop.ship' },
    });
    // Neither people nor their words belong into every gateway.
    expect(Object.keys(snapshot?.eventTypes[0].deprecation ?? {})).not.toEqual(
      expect.arrayContaining(['by']),
    );
    expect(await round()).toMatchObject({ changed: false });

    declared = [{ ...declared[0], retiredAt: deprecation.since }, declared[1]];
    await round();
    expect(await acceptedTypes()).toEqual(['shop.ship']);
  });

  it('publishes a new generation for what has changed', async () => {
    await round();
    declared = [{ ...declared[0], version: 2 }, declared[1]];
    expect(await round()).toMatchObject({ generation: 2, changed: true });
    declared = [declared[0]];
    expect(await round()).toMatchObject({ generation: 3, changed: true });
    expect(await acceptedTypes()).toEqual(['github.push']);
  });

  it('creates a deleted subscription again', async () => {
    await round();
    created = [];
    await broker.pubsub.subscription('event.shop.ship.delivery').delete();
    await broker.pubsub.subscription('refused-events.delivery').delete();
    await round();
    expect(await resources()).toEqual(ALL);
    expect(created).toEqual([
      { subscription: 'refused-events.delivery' },
      { eventType: 'shop.ship', subscription: 'event.shop.ship.delivery' },
    ]);
  });

  it('provisions a wiped broker anew when no gateway is alive', async () => {
    await round();
    await broker.wipe();
    expect((await round()).problems.size).toBe(0);
    expect(await resources()).toEqual(ALL);
  });

  it('brings a lost topic back only when no gateway publishes to it', async () => {
    await round();
    await beat('slow', 1);
    await beat('fast', 1);
    await broker.wipe();

    const withdrawn = await round();
    expect([...withdrawn.problems]).toMatchObject([
      ['github.push', { code: 'awaiting_gateways' }],
      ['shop.ship', { code: 'awaiting_gateways' }],
    ]);
    expect(withdrawn.generation).toBe(2);
    expect(await acceptedTypes()).toEqual([]);
    expect(await resources()).toEqual([
      'refused-events',
      'refused-events.delivery',
    ]);

    await beat('fast', 2);
    expect((await round()).problems.size).toBe(2);
    declared.push(eventType('new.one'));
    expect([...(await round()).problems.keys()]).toEqual([
      'github.push',
      'shop.ship',
    ]);
    expect(await acceptedTypes()).toEqual(['new.one']);

    await endGateway(ledger, {
      gateway: 'slow',
      epoch: 'e',
      endedAt: new Date(),
    });
    expect((await round()).problems.size).toBe(0);
    expect(await acceptedTypes()).toEqual([
      'github.push',
      'new.one',
      'shop.ship',
    ]);
  });

  it('leaves a subscription alone whose topic was deleted, and the other types go on', async () => {
    await round();
    const { pubsub } = broker;
    await pubsub.topic('event.shop.ship').publishMessage({
      data: Buffer.from('accepted'),
    });
    await pubsub.topic('event.shop.ship').delete();
    declared.push(eventType('new.one'));

    const { problems } = await round();
    expect([...problems]).toMatchObject([
      ['shop.ship', { code: 'subscription_detached' }],
    ]);
    expect(await resources()).not.toContain('event.shop.ship');
    expect(await resources()).toContain('event.shop.ship.delivery');
    expect(await acceptedTypes()).toEqual(['github.push', 'new.one']);

    await pubsub.subscription('event.shop.ship.delivery').delete();
    expect((await round()).problems.size).toBe(0);
    expect(await acceptedTypes()).toContain('shop.ship');
  });

  const refusedRouteOf = async (name: string) => {
    const snapshot = await readConfigSnapshot(ledger);
    const type = snapshot?.eventTypes.find(each => each.name === name);
    return [type?.refusedTopic, type?.refusedSubscription];
  };

  it('sends refused events to the general topic while their own is lost, and accepts the type all the while', async () => {
    await round();
    await beat('gateway', 1);
    const { pubsub } = broker;
    await pubsub.topic('refused.shop.ship').delete();
    await pubsub.subscription('refused.shop.ship.delivery').delete();

    const fallback = await round();
    expect(fallback.problems.size).toBe(0);
    expect([...fallback.refusedProblems]).toMatchObject([
      ['shop.ship', { code: 'awaiting_gateways' }],
    ]);
    expect(await acceptedTypes()).toEqual(['github.push', 'shop.ship']);
    expect(await refusedRouteOf('shop.ship')).toEqual([
      'refused-events',
      'refused-events.delivery',
    ]);
    // The gateway may still publish to it.
    expect(await resources()).not.toContain('refused.shop.ship');

    await beat('gateway', fallback.generation);
    expect((await round()).refusedProblems.size).toBe(0);
    expect(await resources()).toEqual(ALL);
    expect(await refusedRouteOf('shop.ship')).toEqual([
      'refused.shop.ship',
      'refused.shop.ship.delivery',
    ]);
  });

  it('lets the workers go on with refused events whose topic was deleted', async () => {
    await round();
    await broker.pubsub.topic('refused.shop.ship').delete();
    const { problems, refusedProblems } = await round();
    expect(problems.size).toBe(0);
    expect([...refusedProblems]).toMatchObject([
      ['shop.ship', { code: 'subscription_detached' }],
    ]);
    expect(await refusedRouteOf('shop.ship')).toEqual([
      'refused-events',
      'refused.shop.ship.delivery',
    ]);
  });

  it('leaves out a type the broker refuses, and says why', async () => {
    const { pubsub } = broker;
    const createSubscription = pubsub.createSubscription.bind(pubsub);
    const fault = jest
      .spyOn(pubsub, 'createSubscription')
      .mockImplementation((topic, name, options) => {
        if (name === 'event.shop.ship.delivery') {
          throw Object.assign(new Error('quota'), { code: 8 });
        }
        return createSubscription(topic, name, options);
      });
    const { problems } = await round();
    expect([...problems]).toMatchObject([
      [
        'shop.ship',
        {
          code: 'broker_refused',
          message: expect.stringContaining('8 quota'),
        },
      ],
    ]);
    expect(await acceptedTypes()).toEqual(['github.push']);
    fault.mockRestore();
    expect((await round()).problems.size).toBe(0);
    expect(await acceptedTypes()).toEqual(['github.push', 'shop.ship']);
  });

  it('keeps the snapshot while the broker or the event types are away', async () => {
    await round();
    await broker.halt();
    await expect(round()).rejects.toMatchObject({ code: 'broker_unavailable' });
    expect(await acceptedTypes()).toEqual(['github.push', 'shop.ship']);
    await broker.resume();

    const away = reconcile({
      listEventTypes: async () => {
        throw new Error('starting');
      },
      ledger,
      pubsub: broker.pubsub,
      withdrawals,
      bucketSeconds: 60,
    });
    await expect(away).rejects.toMatchObject({
      code: 'event_types_unavailable',
      message: 'The event types could not be listed: starting',
    });
    expect(await round()).toMatchObject({ generation: 1, changed: false });
  });
});
