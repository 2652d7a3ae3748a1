import { type CreateSubscriptionOptions } from '@google-cloud/pubsub';
import { ContractSystem, publish, receive } from './__testUtils__/contract';

/** Ordering keys: order per key, whatever goes wrong on the way. */
describe('ordering keys', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  const provision = async (options: CreateSubscriptionOptions = {}) => {
    const topic = await system.topic();
    topic.setPublishOptions({ messageOrdering: true });
    const subscription = await system.subscribe(topic, {
      enableMessageOrdering: true,
      ...options,
    });
    return { topic, subscription };
  };

  it('keep their order through the official subscriber', async () => {
    const { topic, subscription } = await provision();
    const keys = ['a', 'b', 'c'];
    const texts = Array.from({ length: 100 }, (_, index) => String(index));
    await Promise.all(
      keys.flatMap(orderingKey =>
        texts.map(text =>
          topic.publishMessage({ data: Buffer.from(text), orderingKey }),
        ),
      ),
    );
    const messages = await receive(subscription, 300, m => m.ack());
    await subscription.close();
    for (const key of keys) {
      expect(
        messages
          .filter(({ orderingKey }) => orderingKey === key)
          .map(({ data }) => data.toString()),
      ).toEqual(texts);
    }
  }, 30_000);

  it('go to one receiver at a time, and on with what follows when it has answered', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['1', '2', '3', '4'], { orderingKey: 'k' });
    await publish(topic, ['free']);
    const first = await system.pull(subscription, 2);
    expect(first.map(({ text }) => text)).toEqual(['1', '2']);
    expect(await system.texts(subscription)).toEqual(['free']);
    await system.acknowledge(subscription, first[0]);
    expect(await system.texts(subscription)).toEqual([]);
    await system.acknowledge(subscription, first[1]);
    expect(await system.texts(subscription)).toEqual(['3', '4']);
  });

  it('come again from the message that was nacked, later ones included', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['1', '2', '3', '4'], { orderingKey: 'k' });
    const [one, two, three] = await system.pull(subscription, 3);
    await system.acknowledge(subscription, one);
    await system.nack(subscription, two);
    const again = await system.pull(subscription);
    expect(again.map(({ text }) => text)).toEqual(['2', '3', '4']);
    expect(again[1].id).toBe(three.id);
    expect(again[1].ackId).not.toBe(three.ackId);
  });

  it('come again from the message whose deadline passed', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['1', '2', '3'], { orderingKey: 'k' });
    const [, two, three] = await system.pull(subscription);
    await system.modifyDeadline(subscription, 600, two, three);
    system.clock.advance(10_000);
    expect(await system.texts(subscription)).toEqual(['1', '2', '3']);
  });

  it('rest as a whole under a retry policy, while other keys go on', async () => {
    const { topic, subscription } = await provision({
      retryPolicy: { minimumBackoff: { seconds: 10 } },
    });
    await publish(topic, ['1', '2'], { orderingKey: 'k' });
    await publish(topic, ['x'], { orderingKey: 'other' });
    const [one] = await system.pull(subscription, 1);
    await system.nack(subscription, one);
    expect(await system.texts(subscription)).toEqual(['x']);
    system.clock.advance(10_000);
    expect(await system.texts(subscription)).toEqual(
      expect.arrayContaining(['1', '2']),
    );
  });

  it('keep their order over a restart', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['1', '2', '3'], { orderingKey: 'k' });
    await system.pull(subscription, 2);
    await system.close();
    await system.open();
    const [one] = await system.pull(subscription, 1);
    expect(one.text).toBe('1');
    expect(await system.texts(subscription)).toEqual([]);
    await system.acknowledge(subscription, one);
    expect(await system.texts(subscription)).toEqual(['2', '3']);
  });

  it('mean nothing where the subscription does not order', async () => {
    const { topic, subscription } = await provision({
      enableMessageOrdering: false,
    });
    await publish(topic, ['1', '2'], { orderingKey: 'k' });
    await system.pull(subscription, 1);
    expect(await system.texts(subscription)).toEqual(['2']);
  });
});
