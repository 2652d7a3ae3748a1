import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Message, type Subscription } from '@google-cloud/pubsub';
import { status } from '@grpc/grpc-js';
import { type Clients, connect } from './__testUtils__/clients';
import { ManualClock } from './__testUtils__/ManualClock';
import { type RunningBroker, startBroker } from './broker';

/** What Pub/Sub promises, asked through the official clients only. */
describe('the broker as the official client sees it', () => {
  const projectId = 'contract';
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  let dataDir: string;
  let clock: ManualClock;
  let broker: RunningBroker;
  let clients: Clients;
  let pubsub: Clients['pubsub'];
  let raw: Clients['subscriber'];
  let topicCount = 0;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'contract-'));
    clock = new ManualClock();
    broker = await startBroker({ dataDir, port: 0, logger, clock });
    clients = connect(projectId, broker.port);
    pubsub = clients.pubsub;
    raw = clients.subscriber;
  });
  afterAll(async () => {
    await clients.close();
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A topic of its own for each test, with a subscription per suffix. */
  async function provision(...suffixes: string[]) {
    const name = `topic-${++topicCount}`;
    const [topic] = await pubsub.createTopic(name);
    const subscriptions: Subscription[] = [];
    for (const suffix of suffixes) {
      const [subscription] = await topic.createSubscription(
        `${name}.${suffix}`,
      );
      subscriptions.push(subscription);
    }
    return { topic, subscriptions };
  }

  /** Receives until `done`, answering each message with `answer`. */
  async function receive(
    subscription: Subscription,
    count: number,
    answer: (message: Message) => void,
  ): Promise<Message[]> {
    const messages: Message[] = [];
    await new Promise<void>((resolve, reject) => {
      subscription.on('error', reject);
      subscription.on('message', (message: Message) => {
        messages.push(message);
        answer(message);
        if (messages.length === count) {
          resolve();
        }
      });
    });
    return messages;
  }

  async function pull(subscription: string, maxMessages = 10) {
    const [response] = await raw.pull({
      subscription,
      maxMessages,
      returnImmediately: true,
    });
    return response.receivedMessages ?? [];
  }

  async function backlogSize(subscription: string): Promise<number> {
    const id = subscription.split('/').at(-1);
    const [series] = await metrics(
      `metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "${id}"`,
    );
    return Number(series.points?.[0].value?.int64Value);
  }

  async function metrics(filter: string) {
    const [series] = await clients.metrics.listTimeSeries({
      name: `projects/${projectId}`,
      filter,
      interval: { endTime: { seconds: Math.floor(Date.now() / 1000) } },
      view: 'FULL',
    });
    return series;
  }

  it('creates, finds, lists, changes and deletes topics and subscriptions', async () => {
    const { topic, subscriptions } = await provision('a');
    const [subscription] = subscriptions;
    await expect(topic.exists()).resolves.toEqual([true]);
    await expect(subscription.exists()).resolves.toEqual([true]);
    await expect(pubsub.topic('none').exists()).resolves.toEqual([false]);
    await expect(pubsub.createTopic(topic.name)).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
    });
    await expect(
      pubsub.topic('none').createSubscription('orphan'),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });

    const [metadata] = await subscription.getMetadata();
    expect(metadata).toMatchObject({
      name: subscription.name,
      topic: topic.name,
      ackDeadlineSeconds: 10,
      messageRetentionDuration: { seconds: String(7 * 86_400) },
      state: 'ACTIVE',
    });
    await subscription.setMetadata({ ackDeadlineSeconds: 60 });
    const [changed] = await subscription.getMetadata();
    expect(changed.ackDeadlineSeconds).toBe(60);
    await topic.setMetadata({ labels: { tier: 'low' } });
    const [topicMetadata] = await topic.getMetadata();
    expect(topicMetadata.labels).toEqual({ tier: 'low' });

    const [ofTopic] = await topic.getSubscriptions();
    expect(ofTopic.map(({ name }) => name)).toEqual([subscription.name]);
    const [topics] = await pubsub.getTopics({ pageSize: 1 });
    expect(topics.map(({ name }) => name)).toContain(topic.name);
    const [all] = await pubsub.getSubscriptions();
    expect(all.map(({ name }) => name)).toContain(subscription.name);

    await topic.delete();
    await expect(topic.exists()).resolves.toEqual([false]);
    const [orphan] = await subscription.getMetadata();
    expect(orphan.topic).toBe('_deleted-topic_');
    await subscription.delete();
    await expect(subscription.exists()).resolves.toEqual([false]);
  });

  it('refuses names outside the grammar, and what it does not serve by its name', async () => {
    for (const name of ['ab', '1abc', 'googly', 'a b c', 'x'.repeat(256)]) {
      await expect(pubsub.createTopic(name)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    }
    const { topic, subscriptions } = await provision('a');
    await expect(
      topic.createSubscription('ordered', { enableMessageOrdering: true }),
    ).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: expect.stringContaining('enableMessageOrdering'),
    });
    await expect(subscriptions[0].seek(new Date())).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: expect.stringContaining('google.pubsub.v1.Subscriber/Seek'),
    });
    await expect(topic.iam.getPolicy()).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: expect.stringContaining('google.iam.v1.IAMPolicy/GetIamPolicy'),
    });
    await expect(
      topic.publishMessage({ attributes: { googclient: 'x' } }),
    ).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(
      raw.acknowledge({ subscription: subscriptions[0].name, ackIds: ['?'] }),
    ).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('delivers 1,000 messages as they were published and forgets what is acknowledged', async () => {
    const { topic, subscriptions } = await provision('a');
    const [subscription] = subscriptions;
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
      expect(publishTime.getTime()).toBe(clock.wallMs());
    }
    expect(await backlogSize(subscription.name)).toBe(0);
  }, 30_000);

  it('delivers again what is not acknowledged in time, and not before', async () => {
    const { topic, subscriptions } = await provision('a');
    const { name } = subscriptions[0];
    await topic.publishMessage({ data: Buffer.from('again') });
    const [first] = await pull(name);
    clock.advance(9_999);
    expect(await pull(name)).toEqual([]);
    clock.advance(1);
    const [second] = await pull(name);
    expect(second.message?.messageId).toBe(first.message?.messageId);
    expect(second.ackId).not.toBe(first.ackId);

    await raw.modifyAckDeadline({
      subscription: name,
      ackIds: [second.ackId!],
      ackDeadlineSeconds: 600,
    });
    clock.advance(599_000);
    expect(await pull(name)).toEqual([]);
    clock.advance(1_000);
    const [third] = await pull(name);
    await raw.acknowledge({ subscription: name, ackIds: [third.ackId!] });
    clock.advance(3_600_000);
    expect(await pull(name)).toEqual([]);
  });

  it('delivers a nacked message again at once', async () => {
    const { topic, subscriptions } = await provision('a');
    await topic.publishMessage({ data: Buffer.from('nack') });
    let seen = 0;
    const messages = await receive(subscriptions[0], 3, message =>
      ++seen < 3 ? message.nack() : message.ack(),
    );
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    await subscriptions[0].close();
  });

  it('shares one subscription among subscribers and gives every subscription all', async () => {
    const { topic, subscriptions } = await provision('a', 'b');
    const [shared, other] = subscriptions;
    const second = pubsub.subscription(shared.name);
    const counts = new Map<string, number>();
    const seen = new Set<string>();
    const everything = new Promise<void>(resolve => {
      [shared, second].forEach((subscriber, index) =>
        subscriber.on('message', (message: Message) => {
          message.ack();
          seen.add(message.id);
          counts.set(`${index}`, (counts.get(`${index}`) ?? 0) + 1);
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
    expect(
      Math.min(counts.get('0') ?? 0, counts.get('1') ?? 0),
    ).toBeGreaterThan(50);
  }, 30_000);

  it('drops what is published before there is a subscription', async () => {
    const { topic } = await provision();
    await topic.publishMessage({ data: Buffer.from('lost') });
    const [subscription] = await topic.createSubscription('late');
    expect(await pull(subscription.name)).toEqual([]);
  });

  it('carries a message of 8 MB, and one with attributes only', async () => {
    const { topic, subscriptions } = await provision('a');
    const data = Buffer.alloc(8_000_000, 'millrace');
    await topic.publishMessage({ data });
    await topic.publishMessage({ attributes: { only: 'this' } });
    const messages = await receive(subscriptions[0], 2, m => m.ack());
    await subscriptions[0].close();
    const [small, large] = messages.sort((a, b) => a.length - b.length);
    expect(small.attributes).toEqual({ only: 'this' });
    expect(large.data.equals(data)).toBe(true);
  }, 30_000);

  it('answers keep-alive frames, honours acks on the stream and its flow control', async () => {
    const { topic, subscriptions } = await provision('a');
    const { name } = subscriptions[0];
    const stream = raw.streamingPull();
    const responses = stream[Symbol.asyncIterator]();
    const next = async () => (await responses.next()).value;
    stream.write({
      subscription: name,
      streamAckDeadlineSeconds: 10,
      maxOutstandingMessages: 2,
      protocolVersion: 1,
    });
    expect(await next()).toMatchObject({
      receivedMessages: [],
      subscriptionProperties: {
        exactlyOnceDeliveryEnabled: false,
        messageOrderingEnabled: false,
      },
    });
    stream.write({});
    expect(await next()).toMatchObject({
      receivedMessages: [],
      subscriptionProperties: null,
    });

    for (const text of ['one', 'two', 'three']) {
      await topic.publishMessage({ data: Buffer.from(text) });
    }
    const delivered = [];
    stream.write({});
    for (let isAlive = false; !isAlive; ) {
      const { receivedMessages } = await next();
      delivered.push(...receivedMessages);
      isAlive = receivedMessages.length === 0;
    }
    expect(delivered.map(m => m.message.data.toString())).toEqual([
      'one',
      'two',
    ]);
    stream.write({ ackIds: [delivered[0].ackId] });
    const { receivedMessages } = await next();
    expect(receivedMessages[0].message.data.toString()).toBe('three');
    expect(await backlogSize(name)).toBe(2);

    await subscriptions[0].delete();
    await expect(next()).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('tells the monitoring client how much waits and for how long', async () => {
    const { topic, subscriptions } = await provision('a', 'b');
    const id = subscriptions[0].name.split('/').at(-1);
    const type =
      'pubsub.googleapis.com/subscription/oldest_unacked_message_age';
    const age = async () => {
      const [series] = await metrics(
        `resource.labels.subscription_id = "${id}" AND metric.type = "${type}"`,
      );
      return series.points?.[0].value?.int64Value;
    };
    expect(await age()).toBe('0');
    await topic.publishMessage({ data: Buffer.from('old') });
    clock.advance(42_900);
    expect(await age()).toBe('42');
    expect(await backlogSize(subscriptions[0].name)).toBe(1);

    const all = await metrics(`metric.type = "${type}"`);
    expect(all.map(s => s.resource?.labels?.subscription_id)).toEqual(
      expect.arrayContaining(
        subscriptions.map(({ name }) => name.split('/').at(-1)),
      ),
    );
    for (const filter of [
      '',
      `metric.type = "${type}" OR metric.type = "${type}"`,
      'metric.type = "compute.googleapis.com/instance/cpu"',
    ]) {
      await expect(metrics(filter)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    }
  });

  it('ends streams with UNAVAILABLE when it stops, and names what keeps it from starting', async () => {
    const otherDir = join(dataDir, 'other');
    const other = await startBroker({ dataDir: otherDir, port: 0, logger });
    await expect(
      startBroker({
        dataDir: join(dataDir, 'third'),
        port: other.port,
        logger,
      }),
    ).rejects.toMatchObject({ code: 'port_in_use' });
    await expect(
      startBroker({ dataDir: otherDir, port: 0, logger }),
    ).rejects.toMatchObject({ code: 'data_dir_locked' });
    writeFileSync(join(dataDir, 'file'), '');
    await expect(
      startBroker({ dataDir: join(dataDir, 'file'), port: 0, logger }),
    ).rejects.toMatchObject({ code: 'data_dir_unusable' });

    const {
      pubsub: client,
      subscriber,
      close,
    } = connect(projectId, other.port);
    const [topic] = await client.createTopic('stopping');
    const [subscription] = await topic.createSubscription('stopping.all');
    const stream = subscriber.streamingPull();
    const responses = stream[Symbol.asyncIterator]();
    stream.write({
      subscription: subscription.name,
      streamAckDeadlineSeconds: 10,
    });
    await responses.next();
    const [ended] = await Promise.allSettled([responses.next(), other.stop()]);
    expect(ended).toMatchObject({
      status: 'rejected',
      reason: { code: status.UNAVAILABLE },
    });
    await close();
  }, 30_000);
});
