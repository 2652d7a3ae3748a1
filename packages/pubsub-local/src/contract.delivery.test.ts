import { type Message } from '@google-cloud/pubsub';
import { status } from '@grpc/grpc-js';
import {
  ContractSystem,
  publish,
  receive,
  until,
} from './__testUtils__/contract';

/** Publishing, receiving, deadlines and flow control. */
describe('delivery', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  it('brings 1,000 messages as they were published and forgets what is acknowledged', async () => {
    const { topic, subscription } = await system.provision();
    const ids = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        topic.publishMessage({
          data: Buffer.from(`event ${index}`),
          attributes: { index: String(index) },
        }),
      ),
    );
    expect(new Set(ids).size).toBe(1000);
    const messages = await receive(subscription, 1000, m => m.ack());
    await subscription.close();
    expect(messages.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const { data, attributes, deliveryAttempt, publishTime } of messages) {
      expect(data.toString()).toBe(`event ${attributes.index}`);
      expect(deliveryAttempt).toBe(0);
      expect(publishTime.getTime()).toBe(system.clock.wallMs());
    }
    expect(await system.backlogSize(subscription)).toBe(0);
  }, 30_000);

  it('comes again when it is not acknowledged in time, and not before', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['again']);
    const [first] = await system.pull(subscription);
    system.clock.advance(9_999);
    expect(await system.pull(subscription)).toEqual([]);
    system.clock.advance(1);
    const [second] = await system.pull(subscription);
    expect(second.id).toBe(first.id);
    expect(second.ackId).not.toBe(first.ackId);

    await system.modifyDeadline(subscription, 600, second);
    system.clock.advance(599_000);
    expect(await system.pull(subscription)).toEqual([]);
    system.clock.advance(1_000);
    const [third] = await system.pull(subscription);
    await system.acknowledge(subscription, third);
    system.clock.advance(3_600_000);
    expect(await system.pull(subscription)).toEqual([]);
  });

  it('is acknowledged by an expired ack id too, without exactly-once delivery', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['late']);
    const [late] = await system.pull(subscription);
    system.clock.advance(11_000);
    await system.acknowledge(subscription, late);
    expect(await system.pull(subscription)).toEqual([]);
  });

  it('comes again at once when it is nacked', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['nack']);
    let seen = 0;
    const messages = await receive(subscription, 3, message =>
      ++seen < 3 ? message.nack() : message.ack(),
    );
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    await subscription.close();
  });

  it('rests between attempts as the retry policy says', async () => {
    const { topic, subscription } = await system.provision({
      retryPolicy: {
        minimumBackoff: { seconds: 10 },
        maximumBackoff: { seconds: 30 },
      },
    });
    await publish(topic, ['rests']);
    for (const restMs of [10_000, 20_000, 30_000, 30_000]) {
      await system.nack(subscription, ...(await system.pull(subscription)));
      system.clock.advance(restMs - 1);
      expect(await system.pull(subscription)).toEqual([]);
      system.clock.advance(1);
    }
    expect(await system.texts(subscription)).toEqual(['rests']);
    system.clock.advance(10_000 + 30_000);
    expect(await system.texts(subscription)).toEqual(['rests']);
  });

  it('shares one subscription among subscribers and gives every subscription all', async () => {
    const { topic, subscription: shared } = await system.provision();
    const other = await system.subscribe(topic, {}, 'other');
    const second = system.pubsub.subscription(shared.name);
    const counts = [0, 0];
    const seen = new Set<string>();
    const everything = new Promise<void>(resolve => {
      [shared, second].forEach((subscriber, index) =>
        subscriber.on('message', (message: Message) => {
          message.ack();
          seen.add(message.id);
          counts[index]++;
          if (seen.size === 400) {
            resolve();
          }
        }),
      );
    });
    const ids = await Promise.all(
      Array.from({ length: 400 }, () =>
        topic.publishMessage({ data: Buffer.alloc(100) }),
      ),
    );
    await everything;
    const copies = await receive(other, 400, m => m.ack());
    await Promise.all([shared, second, other].map(each => each.close()));

    expect([...seen].sort()).toEqual([...ids].sort());
    expect(copies.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(Math.min(...counts)).toBeGreaterThan(50);
  }, 30_000);

  it('does not include what was published before there was a subscription', async () => {
    const topic = await system.topic();
    await publish(topic, ['lost']);
    const subscription = await system.subscribe(topic);
    expect(await system.pull(subscription)).toEqual([]);
  });

  it('keeps to max_outstanding_messages and max_outstanding_bytes of a stream', async () => {
    const { topic, subscription } = await system.provision();
    await publish(
      topic,
      ['a', 'b', 'c', 'd', 'e'].map(text => text.repeat(1000)),
    );
    const drain = async (stream: ReturnType<ContractSystem['stream']>) => {
      const received = [];
      stream.write({});
      for (;;) {
        const frame = await stream.next();
        received.push(...frame.receivedMessages);
        // Frames keep their order: the answer to the ping comes last.
        if (
          frame.receivedMessages.length === 0 &&
          !frame.subscriptionProperties
        ) {
          return received;
        }
      }
    };
    const byCount = system.stream(subscription, {
      maxOutstandingMessages: 2,
      protocolVersion: 1,
    });
    const first = await drain(byCount);
    expect(first).toHaveLength(2);
    const byBytes = system.stream(subscription, {
      maxOutstandingBytes: 1500,
      protocolVersion: 1,
    });
    // One that exceeds what is left is still sent; then no more.
    expect((await drain(byBytes)).length).toBeLessThanOrEqual(2);
    byCount.write({ ackIds: [first[0].ackId] });
    expect(await drain(byCount)).toHaveLength(1);
    byCount.write({
      modifyDeadlineAckIds: [first[1].ackId],
      modifyDeadlineSeconds: [0],
    });
    expect(await drain(byCount)).toHaveLength(1);
    byCount.end();
    byBytes.end();
    await subscription.delete();
  });

  it('never has more at a subscriber than its flow control allows in all', async () => {
    const { topic, subscription } = await system.provision();
    const limited = system.pubsub.subscription(subscription.name, {
      flowControl: { maxMessages: 5, allowExcessMessages: false },
    });
    await Promise.all(
      Array.from({ length: 60 }, () =>
        topic.publishMessage({ data: Buffer.alloc(10) }),
      ),
    );
    let inHand = 0;
    let most = 0;
    await receive(limited, 60, message => {
      most = Math.max(most, ++inHand);
      setImmediate(() => {
        inHand--;
        message.ack();
      });
    });
    expect(most).toBeLessThanOrEqual(5);
    await limited.close();
  }, 30_000);

  it('refuses malformed ack ids, and acks of another subscription do nothing', async () => {
    const { topic, subscription } = await system.provision();
    const other = await system.subscribe(topic, {}, 'other');
    await publish(topic, ['mine']);
    await expect(
      system.acknowledge(subscription, { ackId: '?' }),
    ).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const [mine] = await system.pull(subscription);
    await system.acknowledge(other, mine);
    expect(await system.backlogSize(subscription)).toBe(1);
    expect(await system.backlogSize(other)).toBe(1);
  });

  it('tells the monitoring client how much waits and for how long', async () => {
    const { topic, subscription } = await system.provision();
    const id = subscription.name.split('/').at(-1);
    const type =
      'pubsub.googleapis.com/subscription/oldest_unacked_message_age';
    const age = async () => {
      const [series] = await system.metrics(
        `resource.labels.subscription_id = "${id}" AND metric.type = "${type}"`,
      );
      return series.points?.[0].value?.int64Value;
    };
    expect(await age()).toBe('0');
    await publish(topic, ['first']);
    system.clock.advance(42_900);
    expect(await age()).toBe('42');
    // A clock set back makes a later message the older one.
    system.clock.jumpWall(-100_000);
    await publish(topic, ['second']);
    system.clock.jumpWall(100_000);
    expect(await age()).toBe('100');
    expect(await system.backlogSize(subscription)).toBe(2);

    const all = await system.metrics(`metric.type = "${type}"`);
    expect(all.map(s => s.resource?.labels?.subscription_id)).toContain(id);
    for (const filter of [
      '',
      `metric.type = "${type}" OR metric.type = "${type}"`,
      'metric.type = "compute.googleapis.com/instance/cpu"',
    ]) {
      await expect(system.metrics(filter)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    }
  });

  it('waits in a pull until there is a message', async () => {
    const { topic, subscription } = await system.provision();
    const pulling = system.raw.pull({
      subscription: subscription.name,
      maxMessages: 1,
    });
    await publish(topic, ['here']);
    const [{ receivedMessages }] = await pulling;
    expect(receivedMessages).toHaveLength(1);
    await until(async () => (await system.backlogSize(subscription)) === 1);
  });
});
