import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CreateSubscriptionOptions,
  type Message,
  type Subscription,
  type Topic,
} from '@google-cloud/pubsub';
import { type RunningBroker, startBroker } from '../broker';
import { type Clients, connect } from './clients';
import { ManualClock } from './ManualClock';

const PROJECT_ID = 'contract';

/** A broker on a clock that stands still, and the official clients. */
export class ContractSystem {
  readonly projectId = PROJECT_ID;
  readonly clock = new ManualClock();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'contract-'));
  readonly warnings: string[] = [];
  broker!: RunningBroker;
  clients!: Clients;
  #topicCount = 0;

  static async start(): Promise<ContractSystem> {
    const system = new ContractSystem();
    await system.open();
    return system;
  }

  get pubsub(): Clients['pubsub'] {
    return this.clients.pubsub;
  }

  /** The generated client below `pubsub`, with a reply to every call. */
  get raw(): Clients['subscriber'] {
    return this.clients.subscriber;
  }

  async open(): Promise<void> {
    const warn = (message: string) => this.warnings.push(message);
    this.broker = await startBroker({
      dataDir: this.dataDir,
      port: 0,
      logger: { info: () => {}, warn, error: warn },
      clock: this.clock,
    });
    this.clients = connect(PROJECT_ID, this.broker.port);
  }

  async close(): Promise<void> {
    await this.clients.close();
    await this.broker.stop();
  }

  async destroy(): Promise<void> {
    await this.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** A topic of its own for each test. */
  async topic(): Promise<Topic> {
    const [topic] = await this.pubsub.createTopic(
      `topic-${++this.#topicCount}`,
    );
    return topic;
  }

  /** A topic and one subscription of it. */
  async provision(
    options: CreateSubscriptionOptions = {},
  ): Promise<{ topic: Topic; subscription: Subscription }> {
    const topic = await this.topic();
    return { topic, subscription: await this.subscribe(topic, options) };
  }

  async subscribe(
    topic: Topic,
    options: CreateSubscriptionOptions = {},
    suffix = 'all',
  ): Promise<Subscription> {
    const id = `${topic.name.split('/').at(-1)}.${suffix}`;
    const [subscription] = await topic.createSubscription(id, options);
    return subscription;
  }

  async pull(subscription: { name: string }, maxMessages = 100) {
    const [response] = await this.raw.pull({
      subscription: subscription.name,
      maxMessages,
      returnImmediately: true,
    });
    return (response.receivedMessages ?? []).map(received => ({
      ackId: received.ackId ?? '',
      attempt: received.deliveryAttempt ?? 0,
      text: Buffer.from(received.message?.data ?? '').toString(),
      attributes: received.message?.attributes ?? {},
      id: received.message?.messageId ?? '',
    }));
  }

  /** What a pull gives, in its order. */
  async texts(subscription: { name: string }): Promise<string[]> {
    return (await this.pull(subscription)).map(({ text }) => text);
  }

  async acknowledge(
    { name }: { name: string },
    ...messages: { ackId: string }[]
  ): Promise<void> {
    await this.raw.acknowledge({
      subscription: name,
      ackIds: messages.map(({ ackId }) => ackId),
    });
  }

  async modifyDeadline(
    { name }: { name: string },
    ackDeadlineSeconds: number,
    ...messages: { ackId: string }[]
  ): Promise<void> {
    await this.raw.modifyAckDeadline({
      subscription: name,
      ackIds: messages.map(({ ackId }) => ackId),
      ackDeadlineSeconds,
    });
  }

  async nack(
    subscription: { name: string },
    ...messages: { ackId: string }[]
  ): Promise<void> {
    await this.modifyDeadline(subscription, 0, ...messages);
  }

  async backlogSize({ name }: { name: string }): Promise<number> {
    const id = name.split('/').at(-1);
    const [series] = await this.metrics(
      `metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "${id}"`,
    );
    return Number(series.points?.[0].value?.int64Value);
  }

  async metrics(filter: string) {
    const [series] = await this.clients.metrics.listTimeSeries({
      name: `projects/${PROJECT_ID}`,
      filter,
      interval: { endTime: { seconds: Math.floor(Date.now() / 1000) } },
      view: 'FULL',
    });
    return series;
  }

  /** An open StreamingPull and what comes on it, frame by frame. */
  stream(subscription: { name: string }, request: object = {}) {
    const call = this.raw.streamingPull();
    const frames = call[Symbol.asyncIterator]();
    call.write({
      subscription: subscription.name,
      streamAckDeadlineSeconds: 10,
      ...request,
    });
    return {
      write: (frame: object) => call.write(frame),
      next: async () => (await frames.next()).value,
      end: () => call.cancel(),
    };
  }
}

/** Publishes texts one after the other, so that their order is known. */
export async function publish(
  topic: Topic,
  texts: readonly string[],
  options: { orderingKey?: string; attributes?: Record<string, string> } = {},
): Promise<void> {
  for (const text of texts) {
    await topic.publishMessage({ data: Buffer.from(text), ...options });
  }
}

/** Receives `count` messages, answering each with `answer`. */
export async function receive(
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

const MAX_WAIT_MS = 20_000;

/** Waits until `condition` holds, at most 20 s. */
export async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + MAX_WAIT_MS;
  while (!(await condition())) {
    if (performance.now() > endMs) {
      throw new Error(`Waited in vain for ${condition}`);
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}
