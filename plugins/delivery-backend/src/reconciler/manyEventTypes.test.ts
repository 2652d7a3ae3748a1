import { TestDatabases } from '@backstage/backend-test-utils';
import { createLedgerClient, migrateLedger } from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { eventType } from '../__testUtils__/eventType';
import { connectionStringOf } from '../__testUtils__/ledgerUrl';
import {
  startTestBroker,
  type TestBroker,
} from '../__testUtils__/startTestBroker';
import { reconcile } from './reconcile';
import { Withdrawals } from './Withdrawals';

jest.setTimeout(120_000);

const FEW = 3;
const MANY = 60;

describe('a round over many event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let broker: TestBroker;
  let ledger: Knex;
  let withdrawals: Withdrawals;

  beforeEach(async () => {
    broker = await startTestBroker();
    ledger = createLedgerClient({
      connectionString: connectionStringOf(await databases.init('POSTGRES_18')),
    });
    await migrateLedger(ledger);
    withdrawals = new Withdrawals({ ledger, now: () => new Date() });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await broker.stop();
    await ledger.destroy();
  });

  const estateOf = (types: number) =>
    Array.from({ length: types }, (_, n) => eventType(`shop.sold_${n}`));

  /** Does a round and counts what it asks of the broker and of the ledger. */
  async function countedRound(declared: EventType[]) {
    const { pubsub } = broker;
    const counts = { list: 0, create: 0, mostAtOnce: 0, statements: 0 };
    let underWay = 0;
    const creating = async (call: unknown) => {
      counts.create += 1;
      underWay += 1;
      counts.mostAtOnce = Math.max(counts.mostAtOnce, underWay);
      try {
        return await call;
      } finally {
        underWay -= 1;
      }
    };
    const createTopic = pubsub.createTopic.bind(pubsub);
    const createSubscription = pubsub.createSubscription.bind(pubsub);
    const getTopics = pubsub.getTopics.bind(pubsub);
    const getSubscriptions = pubsub.getSubscriptions.bind(pubsub);
    jest
      .spyOn(pubsub, 'createTopic')
      .mockImplementation((name, options) =>
        creating(createTopic(name, options)),
      );
    jest
      .spyOn(pubsub, 'createSubscription')
      .mockImplementation((topic, name, options) =>
        creating(createSubscription(topic, name, options)),
      );
    jest.spyOn(pubsub, 'getTopics').mockImplementation(async options => {
      counts.list += 1;
      return getTopics(options);
    });
    jest.spyOn(pubsub, 'getSubscriptions').mockImplementation(async options => {
      counts.list += 1;
      return getSubscriptions(options);
    });
    const count = () => {
      counts.statements += 1;
    };
    ledger.on('query', count);
    try {
      const result = await reconcile({
        listEventTypes: async () => declared,
        ledger,
        pubsub,
        withdrawals,
        bucketSeconds: 3600,
      });
      return { result, counts };
    } finally {
      ledger.off('query', count);
      jest.restoreAllMocks();
    }
  }

  it('creates each resource once, a few at a time, and publishes once', async () => {
    const { result, counts } = await countedRound(estateOf(MANY));
    expect(result).toMatchObject({ generation: 1, changed: true });
    expect(result.problems.size).toBe(0);
    // Two topics and two subscriptions each, and the general ones of refusals.
    expect(counts.create).toBe(4 * MANY + 2);
    expect(counts.mostAtOnce).toBeGreaterThan(1);
    expect(counts.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it('asks no more of broker and ledger when nothing has changed, however many there are', async () => {
    await countedRound(estateOf(FEW));
    const few = await countedRound(estateOf(FEW));
    await countedRound(estateOf(MANY));
    const many = await countedRound(estateOf(MANY));
    expect(few.result.changed).toBe(false);
    expect(many.result).toMatchObject({ generation: 2, changed: false });
    expect(many.counts).toEqual(few.counts);
    expect(many.counts).toMatchObject({ list: 2, create: 0 });
  });

  it('creates for one new event type what that needs, whatever else is there', async () => {
    await countedRound(estateOf(MANY));
    const { result, counts } = await countedRound([
      ...estateOf(MANY),
      eventType('shop.new'),
    ]);
    expect(result).toMatchObject({ generation: 2, changed: true });
    expect(counts.create).toBe(4);
  });
});
