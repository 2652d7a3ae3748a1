import { randomUUID } from 'node:crypto';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  createLedgerClient,
  listDriftRepairs,
  listOrphans,
  migrateLedger,
  readInstallation,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { eventType } from '../../__testUtils__/eventType';
import { connectionStringOf } from '../../__testUtils__/ledgerUrl';
import {
  startTestBroker,
  type TestBroker,
} from '../../__testUtils__/startTestBroker';
import { createRound } from '../createRound';
import { type BrokerThing, markOf } from '../removal';
import { Withdrawals } from '../Withdrawals';

jest.setTimeout(60_000);

describe('drift at the broker', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let broker: TestBroker;
  let ledger: Knex;
  let declared: EventType[];
  let deleted: BrokerThing[];
  let withdrawals: Withdrawals;

  beforeEach(async () => {
    broker = await startTestBroker();
    ledger = createLedgerClient({
      connectionString: connectionStringOf(await databases.init('POSTGRES_18')),
    });
    await migrateLedger(ledger);
    declared = [eventType('shop.order'), eventType('shop.ship')];
    deleted = [];
    withdrawals = new Withdrawals({ ledger, now: () => new Date() });
  });
  afterEach(async () => {
    await broker.stop();
    await ledger.destroy();
  });

  const round = (orphanGraceMs = 60_000) =>
    createRound({
      listEventTypes: async () => declared,
      ledger,
      pubsub: broker.pubsub,
      withdrawals,
      bucketSeconds: 60,
      archive: async () => {},
      orphanGraceMs,
      onOrphanDeleted: async orphan => {
        deleted.push(orphan);
      },
      logger: mockServices.logger.mock(),
    })();

  const repairs = async () =>
    (await listDriftRepairs(ledger, { limit: 10 })).map(
      ({ eventType: type, kind, name, drift }) => ({ type, kind, name, drift }),
    );

  const orphans = async () =>
    (await listOrphans(ledger, { limit: 10 })).map(({ name }) => name);

  const ours = async () => markOf(await readInstallation(ledger));

  it('keeps no repair of what it makes for the first time', async () => {
    await round();
    declared.push(eventType('shop.return'));
    await round();
    await round();
    expect(await repairs()).toEqual([]);
  });

  it('puts a deleted subscription back and keeps that it did', async () => {
    await round();
    await broker.pubsub.subscription('event.shop.ship.delivery').delete();
    await round();
    expect(await repairs()).toEqual([
      {
        type: 'shop.ship',
        kind: 'subscription',
        name: 'event.shop.ship.delivery',
        drift: 'deleted',
      },
    ]);
    await round();
    expect(await repairs()).toHaveLength(1);
  });

  it('sets settings as before that somebody has changed, and says which', async () => {
    await round();
    const subscription = broker.pubsub.subscription(
      'refused.shop.ship.delivery',
    );
    const [before] = await subscription.getMetadata();
    await subscription.setMetadata({
      ackDeadlineSeconds: 10,
      messageRetentionDuration: { seconds: 600 },
      expirationPolicy: { ttl: { seconds: 86_400 } },
    });
    await round();
    const [after] = await subscription.getMetadata();
    expect(after).toEqual(before);
    expect(await repairs()).toEqual([
      {
        type: 'shop.ship',
        kind: 'subscription',
        name: 'refused.shop.ship.delivery',
        drift: 'changed',
      },
    ]);
    const [{ message }] = await listDriftRepairs(ledger, { limit: 1 });
    expect(message).toContain('deadline was 10 s instead of 60 s');
    expect(message).toContain('kept messages for 600 s instead of 2678400 s');
    expect(message).toContain('deleted after 86400 s without use');
    await round();
    expect(await repairs()).toHaveLength(1);
  });

  it('lists what carries its mark and belongs to no event type, and nothing else', async () => {
    await round();
    const { pubsub } = broker;
    const labels = await ours();
    await pubsub.createTopic({ name: 'event.old.one', labels });
    await pubsub.createTopic({
      name: 'event.old.two',
      labels: markOf(randomUUID()),
    });
    await pubsub.createTopic('event.old.three');
    await round();
    expect(await orphans()).toEqual(['event.old.one']);

    // It is declared again: no orphan any more, and its age is forgotten.
    declared.push(eventType('old.one'));
    await round();
    expect(await orphans()).toEqual([]);
    expect(deleted).toEqual([]);
  });

  it('deletes an orphan after the grace, a topic before its subscription', async () => {
    await round();
    const { pubsub } = broker;
    const labels = await ours();
    await pubsub.createTopic({ name: 'event.old.one', labels });
    await pubsub.createSubscription('event.old.one', 'event.old.one.delivery', {
      labels,
    });
    await round();
    expect(deleted).toEqual([]);
    await round(0);
    expect(deleted).toEqual([
      { kind: 'topic', name: 'event.old.one' },
      { kind: 'subscription', name: 'event.old.one.delivery' },
    ]);
    await round(0);
    expect(await orphans()).toEqual([]);
    expect(deleted).toHaveLength(2);
  });

  it('never deletes an orphan with a message on it', async () => {
    await round();
    const { pubsub } = broker;
    const labels = await ours();
    await pubsub.createTopic({ name: 'event.old.one', labels });
    await pubsub.createSubscription('event.old.one', 'event.old.one.delivery', {
      labels,
    });
    await pubsub
      .topic('event.old.one')
      .publishMessage({ data: Buffer.from('accepted') });
    await round(0);
    await round(0);
    expect(deleted).toEqual([{ kind: 'topic', name: 'event.old.one' }]);
    expect(await orphans()).toEqual(['event.old.one.delivery']);
  });

  it('takes nothing for an orphan while the registry gives nothing', async () => {
    await round();
    declared = [];
    await round(0);
    await round(0);
    expect(deleted).toEqual([]);
    expect(await orphans()).toEqual([]);
  });
});
