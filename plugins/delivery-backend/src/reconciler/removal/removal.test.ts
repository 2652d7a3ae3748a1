import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  claimConsumption,
  createLedgerClient,
  finishDraining,
  getRemoval,
  heartbeatGateway,
  joinConsumers,
  listTypesToMark,
  migrateLedger,
  readConfigSnapshot,
  readInstallation,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { eventType } from '../../__testUtils__/eventType';
import { connectionStringOf } from '../../__testUtils__/ledgerUrl';
import { stageEvents } from '../../__testUtils__/sealPartition';
import {
  startTestBroker,
  type TestBroker,
} from '../../__testUtils__/startTestBroker';
import { createRound } from '../createRound';
import { Withdrawals } from '../Withdrawals';
import { advanceRemovals, type RemovedResource } from './advanceRemovals';
import { markOf } from './mark';

jest.setTimeout(60_000);

const BUCKET = { start: new Date('2026-11-20T10:00:00Z'), seconds: 60 };

describe('taking down an event type', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let broker: TestBroker;
  let ledger: Knex;
  let declared: EventType[];
  let archived: string[];
  let removed: RemovedResource[];
  let withdrawals: Withdrawals;

  beforeEach(async () => {
    broker = await startTestBroker();
    ledger = createLedgerClient({
      connectionString: connectionStringOf(await databases.init('POSTGRES_18')),
    });
    await migrateLedger(ledger);
    declared = [];
    archived = [];
    removed = [];
    withdrawals = new Withdrawals({ ledger, now: () => new Date() });
  });
  afterEach(async () => {
    await broker.stop();
    await ledger.destroy();
  });

  const archive = async (name: string) => {
    archived.push(name);
    declared = declared.filter(type => type.name !== name);
  };

  async function round() {
    return await createRound({
      listEventTypes: async () => declared,
      ledger,
      pubsub: broker.pubsub,
      withdrawals,
      bucketSeconds: 60,
      orphanGraceMs: 60_000,
      archive,
      onRemoved: async one => {
        removed.push(one);
      },
      logger: mockServices.logger.mock(),
    })();
  }

  async function declare(...names: string[]) {
    declared.push(...names.map(name => eventType(name)));
    await round();
  }

  /** As the registry has it once the grace is over. */
  function endGrace(...names: string[]) {
    declared = declared.map(type =>
      names.includes(type.name)
        ? {
            ...type,
            withdrawal: {
              since: '2026-11-10T10:00:00.000Z',
              by: 'user:default/owner',
              reason: 'Nobody reads it',
              endsAt: '2026-11-17T10:00:00.000Z',
              removalBeganAt: '2026-11-17T10:00:05.000Z',
            },
          }
        : type,
    );
  }

  async function resourcesOf(name: string): Promise<string[]> {
    const [topics] = await broker.pubsub.getTopics();
    const [subscriptions] = await broker.pubsub.getSubscriptions();
    return [...topics, ...subscriptions]
      .map(thing => thing.name.slice(thing.name.lastIndexOf('/') + 1))
      .filter(short => short.includes(`.${name}`))
      .sort();
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

  /** A worker takes what is there, and finds that nothing is left of some. */
  async function drain(...names: string[]) {
    const session = randomUUID();
    await joinConsumers(ledger, {
      worker: 'worker',
      session,
      leaseMs: 60_000,
      replace: true,
    });
    const room = { critical: 1000, normal: 1000, low: 1000 };
    const claimed = await claimConsumption(ledger, { session, room });
    for (const { eventType: type, fencingToken } of claimed) {
      if (names.includes(type)) {
        await finishDraining(ledger, { eventType: type, fencingToken });
      }
    }
  }

  const progressOf = async (name: string) => {
    const removal = await getRemoval(ledger, { eventType: name });
    return {
      finished: Object.keys(removal?.finished ?? {}),
      waiting: removal?.waiting?.code,
    };
  };

  it('accepts it until the grace is over, and tells the last day', async () => {
    await declare('shop.order');
    declared[0] = {
      ...declared[0],
      withdrawal: {
        since: '2026-11-10T10:00:00.000Z',
        by: 'user:default/owner',
        reason: 'Nobody reads it',
        endsAt: '2026-11-17T10:00:00.000Z',
      },
    };
    await round();
    const snapshot = await readConfigSnapshot(ledger);
    expect(snapshot?.eventTypes[0].deprecation).toEqual({
      since: '2026-11-10T10:00:00.000Z',
      endsOn: '2026-11-17',
    });
    expect(await getRemoval(ledger, { eventType: 'shop.order' })).toBe(
      undefined,
    );
  });

  it('waits at each step for what the next one needs', async () => {
    await declare('shop.order', 'shop.ship');
    const { generation } = await round();
    await beat('slow', generation);
    await beat('fast', generation);
    await stageEvents(ledger, {
      eventType: 'shop.order',
      bucket: BUCKET,
      events: 3,
    });
    endGrace('shop.order');

    const gone = await round();
    expect(gone.generation).toBe(generation + 1);
    await beat('fast', gone.generation);
    await round();
    expect(await progressOf('shop.order')).toEqual({
      finished: [],
      waiting: 'awaiting_gateways',
    });
    expect(
      (await getRemoval(ledger, { eventType: 'shop.order' }))?.waiting?.message,
    ).toContain('by slow');

    await beat('slow', gone.generation);
    await round();
    expect(await progressOf('shop.order')).toEqual({
      finished: ['gateways'],
      waiting: 'draining',
    });

    await drain('shop.order');
    await round();
    expect(await progressOf('shop.order')).toEqual({
      finished: ['gateways', 'draining'],
      waiting: 'awaiting_sealing',
    });
    expect(await resourcesOf('shop.order')).toHaveLength(4);

    // As the sealer leaves it.
    await ledger('staged_batches').delete();
    await round();
    expect(await progressOf('shop.order')).toEqual({
      finished: ['gateways', 'draining', 'sealing', 'resources', 'archiving'],
      waiting: undefined,
    });
    expect(await resourcesOf('shop.order')).toEqual([]);
    expect(await resourcesOf('shop.ship')).toHaveLength(4);
    expect(archived).toEqual(['shop.order']);
    expect(
      removed.map(({ kind, name, outcome }) => [kind, name, outcome]),
    ).toEqual([
      ['topic', 'event.shop.order', 'deleted'],
      ['subscription', 'event.shop.order.delivery', 'deleted'],
      ['topic', 'refused.shop.order', 'deleted'],
      ['subscription', 'refused.shop.order.delivery', 'deleted'],
    ]);
    expect(await round()).toMatchObject({ changed: false });
  });

  it('waits for messages that were set aside', async () => {
    await declare('shop.order');
    endGrace('shop.order');
    await round();
    await drain('shop.order');
    await ledger.raw(
      `INSERT INTO poison_batches (subscription, subscription_type, message_id,
         reason, message, attributes, data, published_at)
       VALUES ('event.shop.order.delivery', 'shop.order', '1', 'unreadable_body',
         'It cannot be read', '{}', '', now())`,
    );
    await round();
    expect(await progressOf('shop.order')).toMatchObject({
      waiting: 'messages_set_aside',
    });
    expect(await resourcesOf('shop.order')).toHaveLength(4);
    await ledger('poison_batches').update({ resolved_at: new Date() });
    await round();
    expect(await resourcesOf('shop.order')).toEqual([]);
  });

  it('takes down what never was provisioned', async () => {
    declared = [eventType('shop.order')];
    endGrace('shop.order');
    await round();
    expect(archived).toEqual(['shop.order']);
    expect(await resourcesOf('shop.order')).toEqual([]);
  });

  it('never deletes what does not carry its mark', async () => {
    const { pubsub } = broker;
    await pubsub.createTopic('event.shop.order');
    await pubsub.createTopic({
      name: 'refused.shop.order',
      labels: markOf(randomUUID()),
    });
    await declare('shop.order');
    endGrace('shop.order');
    await round();
    await drain('shop.order');
    await round();
    expect(archived).toEqual(['shop.order']);
    expect(await resourcesOf('shop.order')).toEqual([
      'event.shop.order',
      'refused.shop.order',
    ]);
    expect(
      removed
        .filter(({ outcome }) => outcome === 'foreign')
        .map(({ name }) => name),
    ).toEqual(['event.shop.order', 'refused.shop.order']);
  });

  it('marks what it made before there were marks, once, and nothing that was made since', async () => {
    const { pubsub } = broker;
    for (const name of ['shop.order', 'shop.ship']) {
      await pubsub.createTopic({
        name: `event.${name}`,
        labels: { team: 'shop' },
      });
    }
    await declare('shop.order', 'shop.ship');
    await ledger('event_types')
      .where({ event_type: 'shop.order' })
      .update({ resources_marked: false });
    await round();
    const labelsOf = async (topic: string) =>
      (await pubsub.topic(topic).getMetadata())[0].labels;
    const mark = markOf(await readInstallation(ledger));
    expect(await labelsOf('event.shop.order')).toEqual({
      team: 'shop',
      ...mark,
    });
    expect(await labelsOf('event.shop.ship')).toEqual({ team: 'shop' });
    expect(await listTypesToMark(ledger)).toEqual([]);
  });

  it('goes on with others when one cannot go on', async () => {
    await declare('shop.order', 'shop.ship');
    endGrace('shop.order', 'shop.ship');
    await round();
    await drain('shop.order', 'shop.ship');
    const { pubsub } = broker;
    const topic = pubsub.topic.bind(pubsub);
    const fault = jest.spyOn(pubsub, 'topic').mockImplementation(name => {
      if (name === 'event.shop.order') {
        throw Object.assign(new Error('quota'), { code: 8 });
      }
      return topic(name);
    });
    await round();
    expect(archived).toEqual(['shop.ship']);
    expect(await progressOf('shop.order')).toMatchObject({
      waiting: 'step_failed',
    });
    fault.mockRestore();
    await round();
    expect(archived).toEqual(['shop.ship', 'shop.order']);
    expect(await resourcesOf('shop')).toEqual([]);
  });

  describe('killed after any of its effects', () => {
    /** All effects of one removal, in order. */
    const EFFECTS = [
      'begun',
      'note-generation',
      'gateways',
      'draining',
      'sealing',
      'topic event.shop.order',
      'subscription event.shop.order.delivery',
      'topic refused.shop.order',
      'subscription refused.shop.order.delivery',
      'resources',
      'archived',
      'archiving',
    ];

    /** Ends after an effect as a killed process does: nothing more is run. */
    async function killAfter(effect: string | undefined): Promise<string[]> {
      const seen: string[] = [];
      const mark = markOf(await readInstallation(ledger));
      let isKilled = () => {};
      const killed = new Promise<void>(resolve => {
        isKilled = resolve;
      });
      const work = advanceRemovals({
        declared,
        ledger,
        pubsub: broker.pubsub,
        mark,
        archive,
        afterEffect: async (_, done) => {
          seen.push(done);
          if (done === effect) {
            isKilled();
            await new Promise(() => {});
          }
        },
      });
      await Promise.race([work, killed]);
      return seen;
    }

    async function withdrawnAndDrained() {
      await declare('shop.order', 'shop.ship');
      endGrace('shop.order');
      await round();
      await drain('shop.order');
      await ledger('removals').delete();
    }

    it('has these effects', async () => {
      await withdrawnAndDrained();
      expect(await killAfter(undefined)).toEqual(EFFECTS);
    });

    it.each(EFFECTS)('ends the same: %s', async effect => {
      await withdrawnAndDrained();
      expect((await killAfter(effect)).at(-1)).toBe(effect);
      // The subscription outlives all that could still be on it.
      const { finished } = await progressOf('shop.order');
      const left = await resourcesOf('shop.order');
      expect(finished.includes('sealing') || left.length === 4).toBe(true);
      await round();
      await round();
      expect(await progressOf('shop.order')).toEqual({
        finished: ['gateways', 'draining', 'sealing', 'resources', 'archiving'],
        waiting: undefined,
      });
      expect(await resourcesOf('shop.order')).toEqual([]);
      expect(await resourcesOf('shop.ship')).toHaveLength(4);
      expect(declared.map(({ name }) => name)).toEqual(['shop.ship']);
      expect(await round()).toMatchObject({ changed: false });
    });

    it('ends the same when several do it at once', async () => {
      await withdrawnAndDrained();
      await Promise.all([round(), round(), round()]);
      await round();
      expect(await resourcesOf('shop.order')).toEqual([]);
      expect((await progressOf('shop.order')).finished).toHaveLength(5);
      expect(await resourcesOf('shop.ship')).toHaveLength(4);
    });
  });
});
