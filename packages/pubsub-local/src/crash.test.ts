import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clients, connect } from './__testUtils__/clients';
import {
  type BrokerProcess,
  killBrokers,
  spawnBroker,
} from './__testUtils__/spawnBroker';

/** The durability promise, against kill -9 and a disk that refuses writes. */
describe('a broker process that ends without warning', () => {
  const projectId = 'crash';
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'crash-'));
  });
  afterEach(() => {
    killBrokers();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('has every message it confirmed, and none whose acknowledgement it confirmed', async () => {
    let broker: BrokerProcess = await spawnBroker({ dataDir });
    const port = broker.first.port!;
    const clients = connect(projectId, port);
    const { pubsub, subscriber, close } = clients;
    const [topic] = await pubsub.createTopic('events');
    const [subscription] = await topic.createSubscription('events.all');
    const name = subscription.name;
    // Kills in the midst of work: once some was done, at a random moment.
    const killAfter = async (isUnderWay: () => boolean) => {
      while (!isUnderWay()) {
        await passTime(5);
      }
      await passTime(Math.random() * 100);
      await broker.kill();
      do {
        broker = await spawnBroker({ dataDir, port });
        // Any process of this machine may borrow the port for a moment.
      } while (broker.first.failed === 'port_in_use');
      expect(broker.first).toEqual({ port });
    };

    // The client itself repeats what got no answer, so every promise resolves
    // in the end; the same payload may then be there twice.
    const confirmed = new Set<string>();
    let isPublishing = true;
    const publishers = Array.from({ length: 8 }, async (_, publisher) => {
      for (let index = 0; isPublishing; index++) {
        const key = `${publisher}/${index}`;
        await topic.publishMessage({
          data: Buffer.alloc(20_000, key),
          attributes: { key },
        });
        confirmed.add(key);
      }
    });
    for (let round = 0; round < 4; round++) {
      const before = confirmed.size;
      await killAfter(() => confirmed.size >= before + 30);
    }
    isPublishing = false;
    await Promise.all(publishers);

    const delivered = new Set<string>();
    const acknowledged = new Set<string>();
    let kills = 0;
    let wasEmpty = false;
    let isDrained = false;
    const drain = async () => {
      while (!isDrained) {
        try {
          const [{ receivedMessages }] = await subscriber.pull(
            { subscription: name, maxMessages: 10, returnImmediately: true },
            { retry: null, timeout: 5_000 },
          );
          const messages = receivedMessages ?? [];
          for (const { message } of messages) {
            expect(acknowledged).not.toContain(message!.messageId);
            delivered.add(message!.attributes!.key);
          }
          if (messages.length > 0) {
            await subscriber.acknowledge(
              { subscription: name, ackIds: messages.map(m => m.ackId!) },
              { retry: null, timeout: 5_000 },
            );
            messages.forEach(m => acknowledged.add(m.message!.messageId!));
          } else {
            // A lost reply leaves messages leased for a while: ask for those.
            wasEmpty = true;
            isDrained = kills === 3 && (await backlogSize(clients)) === 0;
          }
        } catch (error) {
          if (!(error instanceof Object && 'code' in error)) {
            throw error;
          }
          // The broker is away; what was asked of it is not confirmed.
          await passTime(20);
        }
      }
    };
    const draining = drain().finally(() => {
      // Lets the kills below come to an end when draining has failed.
      wasEmpty = true;
    });
    const hasGoneOnSince = (before: number) => () =>
      acknowledged.size > before || wasEmpty;
    for (; kills < 3; kills++) {
      await killAfter(hasGoneOnSince(acknowledged.size));
    }
    await draining;
    expect([...confirmed].filter(key => !delivered.has(key))).toEqual([]);

    await close();
    await broker.kill();
  }, 240_000);

  it('stops at the first write the disk refuses, and still has what it confirmed', async () => {
    const limited = await spawnBroker({ dataDir, limitFileKiB: 4096 });
    const first = connect(projectId, limited.first.port);
    const [topic] = await first.pubsub.createTopic('events');
    await topic.createSubscription('events.all');
    const confirmed: string[] = [];
    const publishing = (async () => {
      for (;;) {
        confirmed.push(
          await topic.publishMessage({ data: Buffer.alloc(300_000) }),
        );
      }
    })().catch(() => {});
    await expect(limited.next()).resolves.toMatchObject({
      fatal: 'commit_failed',
    });
    await first.close();
    await publishing;
    expect(confirmed.length).toBeGreaterThan(5);

    const broker = await spawnBroker({ dataDir });
    const second = connect(projectId, broker.first.port);
    const [{ receivedMessages }] = await second.subscriber.pull({
      subscription: `projects/${projectId}/subscriptions/events.all`,
      maxMessages: 1000,
      returnImmediately: true,
    });
    expect(receivedMessages?.map(m => m.message?.messageId)).toEqual(
      expect.arrayContaining(confirmed),
    );
    await second.close();
    await broker.kill();
  }, 120_000);

  it('has done a seek wholly or not at all, at whatever moment it was killed', async () => {
    const count = 1000;
    for (let round = 0; round < 4; round++) {
      const directory = join(dataDir, String(round));
      const first = await spawnBroker({ dataDir: directory });
      const clients = connect(projectId, first.first.port);
      const [topic] = await clients.pubsub.createTopic('events');
      const [subscription] = await topic.createSubscription('events.all', {
        retainAckedMessages: true,
      });
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          topic.publishMessage({ data: Buffer.from(String(index)) }),
        ),
      );
      await acknowledgeAll(clients.subscriber, subscription.name, count);
      const seeking = clients.subscriber
        .seek(
          { subscription: subscription.name, time: { seconds: 0 } },
          { retry: null, timeout: 5_000 },
        )
        .then(
          () => true,
          () => false,
        );
      await passTime(round * 6);
      await first.kill();
      const wasConfirmed = await seeking;
      await clients.close();

      const second = await spawnBroker({ dataDir: directory });
      const after = connect(projectId, second.first.port);
      const size = await backlogSize(after);
      expect([0, count]).toContain(size);
      // A seek that was confirmed is there; one that was not may be.
      expect(size === count || !wasConfirmed).toBe(true);
      await after.close();
      await second.kill();
    }
  }, 120_000);

  it('has each message in its subscription or its dead-letter topic, never in both or none', async () => {
    const count = 300;
    for (let round = 0; round < 4; round++) {
      const directory = join(dataDir, String(round));
      const first = await spawnBroker({ dataDir: directory });
      const clients = connect(projectId, first.first.port);
      const [dead] = await clients.pubsub.createTopic('dead');
      await dead.createSubscription('dead.all');
      const [topic] = await clients.pubsub.createTopic('events');
      const [{ name }] = await topic.createSubscription('events.all', {
        deadLetterPolicy: {
          deadLetterTopic: dead.name,
          maxDeliveryAttempts: 5,
        },
      });
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          topic.publishMessage({ data: Buffer.from(String(index)) }),
        ),
      );
      const nackAll = async () => {
        for (;;) {
          const [{ receivedMessages }] = await clients.subscriber.pull(
            { subscription: name, maxMessages: 20, returnImmediately: true },
            { retry: null, timeout: 5_000 },
          );
          await clients.subscriber.modifyAckDeadline(
            {
              subscription: name,
              ackIds: receivedMessages!.map(m => m.ackId!),
              ackDeadlineSeconds: 0,
            },
            { retry: null, timeout: 5_000 },
          );
        }
      };
      const nacking = nackAll().catch(() => {});
      let wasUnderWay = false;
      while (!wasUnderWay) {
        wasUnderWay = (await backlogSize(clients, 'dead.all')) > round * 60;
      }
      await first.kill();
      await nacking;
      await clients.close();

      const second = await spawnBroker({ dataDir: directory });
      const after = connect(projectId, second.first.port);
      const texts = [
        ...(await pullAll(after.subscriber, name)),
        ...(await pullAll(
          after.subscriber,
          `projects/${projectId}/subscriptions/dead.all`,
        )),
      ].map(m => Buffer.from(m.message!.data!).toString());
      expect(texts.sort()).toEqual(
        Array.from({ length: count }, (_, index) => String(index)).sort(),
      );
      await after.close();
      await second.kill();
    }
  }, 120_000);

  async function backlogSize({ metrics }: Clients, id = 'events.all') {
    const [series] = await metrics.listTimeSeries({
      name: `projects/${projectId}`,
      filter: `metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = "${id}"`,
    });
    return Number(series[0].points?.[0].value?.int64Value);
  }

  async function pullAll(subscriber: Clients['subscriber'], name: string) {
    const all = [];
    for (;;) {
      const [{ receivedMessages }] = await subscriber.pull({
        subscription: name,
        maxMessages: 1000,
        returnImmediately: true,
      });
      if (!receivedMessages?.length) {
        return all;
      }
      all.push(...receivedMessages);
    }
  }

  async function acknowledgeAll(
    subscriber: Clients['subscriber'],
    name: string,
    count: number,
  ) {
    const messages = await pullAll(subscriber, name);
    expect(messages).toHaveLength(count);
    await subscriber.acknowledge({
      subscription: name,
      ackIds: messages.map(({ ackId }) => ackId!),
    });
  }
});

function passTime(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
