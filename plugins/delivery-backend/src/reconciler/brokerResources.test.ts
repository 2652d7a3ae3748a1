import { topicOf } from '@millrace/schema';
import {
  startTestBroker,
  type TestBroker,
} from '../__testUtils__/startTestBroker';
import {
  createSubscription,
  createTopic,
  listBrokerResources,
} from './brokerResources';

jest.setTimeout(60_000);

describe('listBrokerResources', () => {
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startTestBroker();
  });
  afterEach(() => broker.stop());

  it('finds everything, also what does not go into one page', async () => {
    const { pubsub } = broker;
    const topics = Array.from({ length: 7 }, (_, n) =>
      topicOf(`shop.sold_${n}`),
    );
    for (const topic of topics) {
      await createTopic(pubsub, topic);
      await createSubscription(pubsub, topic, `${topic}.delivery`);
    }
    const expected = {
      topics: new Set(topics),
      subscriptions: new Map(topics.map(topic => [`${topic}.delivery`, topic])),
    };
    for (const pageSize of [1, 2, 7, 1000]) {
      expect(await listBrokerResources(pubsub, { pageSize })).toMatchObject(
        expected,
      );
    }
    expect(await listBrokerResources(pubsub)).toMatchObject(expected);
  });

  it('finds more than Pub/Sub gives at once', async () => {
    const { pubsub } = broker;
    const topics = Array.from({ length: 1_001 }, (_, n) =>
      topicOf(`sold_${n}`),
    );
    const queue = topics.values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const topic of queue) {
          await createTopic(pubsub, topic);
        }
      }),
    );
    expect((await listBrokerResources(pubsub)).topics).toEqual(new Set(topics));
  });

  it('is empty for a broker that has nothing', async () => {
    expect(await listBrokerResources(broker.pubsub)).toEqual({
      topics: new Set(),
      subscriptions: new Map(),
      topicDetails: new Map(),
      subscriptionDetails: new Map(),
    });
  });
});
