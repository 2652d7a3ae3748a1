import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ManualClock } from '../__testUtils__/ManualClock';
import { BrokerStore } from '../store';
import { MessageBroker } from './MessageBroker';

const TOPIC = 'projects/p/topics/events';
const SUBSCRIPTIONS = ['left', 'right'].map(
  id => `projects/p/subscriptions/${id}`,
);
const ACK_DEADLINE_SECONDS = 20;
const logger = { info: () => {}, warn: () => {}, error: () => {} };

/** The broker under test; a restart replaces everything but directory and time. */
class System {
  readonly clock = new ManualClock();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'broker-'));
  store!: BrokerStore;
  broker!: MessageBroker;

  static async create(): Promise<System> {
    const system = new System();
    await system.open();
    await system.broker.registry.createTopic({ name: TOPIC, labels: {} });
    for (const name of SUBSCRIPTIONS) {
      await system.broker.registry.createSubscription({
        name,
        topic: TOPIC,
        ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
        retentionSeconds: 3600,
        labels: {},
      });
    }
    return system;
  }

  async open(): Promise<void> {
    const { dataDir, clock } = this;
    this.store = BrokerStore.open({
      dataDir,
      clock,
      onFatal: error => {
        throw error;
      },
    });
    this.broker = await MessageBroker.start({
      store: this.store,
      clock,
      logger,
    });
  }

  async close(): Promise<void> {
    this.broker.stop();
    await this.store.close();
  }

  async publish(sizes: number[]): Promise<string[]> {
    return this.broker.publish(
      TOPIC,
      sizes.map((size, index) => ({
        body: Buffer.alloc(size, index + 1),
        attributes: { size: String(size) },
      })),
    );
  }

  pull(name: string, maxMessages: number) {
    return this.broker.take(this.broker.registry.subscription(name), {
      maxMessages,
      maxBytes: Infinity,
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
    });
  }

  size(name: string): number {
    return this.broker.registry.subscription(name).backlog.size;
  }

  storedIds(): string[] {
    return [...this.store.load().sequences].map(String);
  }

  async destroy(): Promise<void> {
    await this.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

interface ModelMessage {
  id: string;
  size: number;
  wasReturned: boolean;
  lease?: { ackId: string; untilMs: number };
}

/** What each subscription should hold. */
interface Model {
  nowMs: number;
  backlogs: Map<string, Map<string, ModelMessage>>;
  /** Ack ids ever given out, with what they stand for. */
  ackIds: { subscription: string; ackId: string; messageId: string }[];
}

type Step = fc.AsyncCommand<Model, System>;

const available = (model: Model, name: string): ModelMessage[] => {
  const free = [...model.backlogs.get(name)!.values()].filter(m => !m.lease);
  return [
    ...free.filter(m => m.wasReturned),
    ...free.filter(m => !m.wasReturned),
  ].sort((a, b) =>
    a.wasReturned === b.wasReturned ? Number(a.id) - Number(b.id) : 0,
  );
};

const giveBack = (message: ModelMessage) => {
  message.lease = undefined;
  message.wasReturned = true;
};

const step = (
  label: string,
  run: (model: Model, real: System) => Promise<void>,
): Step => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    for (const name of SUBSCRIPTIONS) {
      expect(real.size(name)).toBe(model.backlogs.get(name)!.size);
      expect(real.broker.registry.subscription(name).backlog.available).toBe(
        available(model, name).length,
      );
    }
  },
  toString: () => label,
});

const publish = (sizes: number[]) =>
  step(`publish(${sizes})`, async (model, real) => {
    const ids = await real.publish(sizes);
    for (const backlog of model.backlogs.values()) {
      ids.forEach((id, index) =>
        backlog.set(id, { id, size: sizes[index], wasReturned: false }),
      );
    }
  });

const pull = (name: string, max: number) =>
  step(`pull(${name}, ${max})`, async (model, real) => {
    const expected = available(model, name).slice(0, max);
    const deliveries = real.pull(name, max);
    expect(
      deliveries.map(({ messageId, body }) => [messageId, body.length]),
    ).toEqual(expected.map(({ id, size }) => [id, size]));
    deliveries.forEach(({ ackId, messageId }, index) => {
      model.ackIds.push({ subscription: name, ackId, messageId });
      expected[index].lease = {
        ackId,
        untilMs: model.nowMs + ACK_DEADLINE_SECONDS * 1000,
      };
    });
  });

const acknowledge = (pick: number) =>
  step(`acknowledge(${pick})`, async (model, real) => {
    const target = model.ackIds[pick % model.ackIds.length];
    if (target) {
      await real.broker.acknowledge(target.subscription, [target.ackId]);
      model.backlogs.get(target.subscription)!.delete(target.messageId);
    }
  });

const modifyDeadline = (pick: number, seconds: number) =>
  step(`modifyDeadline(${pick}, ${seconds})`, async (model, real) => {
    const target = model.ackIds[pick % model.ackIds.length];
    if (target) {
      const { ackId, subscription, messageId } = target;
      real.broker.modifyAckDeadline(subscription, [{ ackId, seconds }]);
      const message = model.backlogs.get(subscription)!.get(messageId);
      if (message?.lease?.ackId === ackId) {
        if (seconds === 0) {
          giveBack(message);
        } else {
          message.lease.untilMs = model.nowMs + seconds * 1000;
        }
      }
    }
  });

const wait = (seconds: number) =>
  step(`wait(${seconds})`, async (model, real) => {
    real.clock.advance(seconds * 1000);
    model.nowMs += seconds * 1000;
    for (const backlog of model.backlogs.values()) {
      for (const message of backlog.values()) {
        if (message.lease && message.lease.untilMs <= model.nowMs) {
          giveBack(message);
        }
      }
    }
  });

const restart = () =>
  step('restart', async (model, real) => {
    await real.close();
    await real.open();
    const held = new Set<string>();
    for (const backlog of model.backlogs.values()) {
      for (const message of backlog.values()) {
        message.lease = undefined;
        message.wasReturned = false;
        held.add(message.id);
      }
    }
    // Bodies are stored once, and only while a subscription holds them.
    expect(real.storedIds()).toEqual(
      [...held].sort((a, b) => Number(a) - Number(b)),
    );
    // Attempts start anew, so ids from before the restart are only good to
    // acknowledge with; forget those that could collide with a new lease.
    model.ackIds = [];
  });

describe('MessageBroker', () => {
  it('behaves like its model whatever happens', async () => {
    expect.hasAssertions();
    const name = fc.constantFrom(...SUBSCRIPTIONS);
    const steps: fc.Arbitrary<Step>[] = [
      fc
        .array(fc.integer({ min: 0, max: 9000 }), {
          minLength: 1,
          maxLength: 4,
        })
        .map(publish),
      fc.tuple(name, fc.integer({ min: 1, max: 5 })).map(a => pull(...a)),
      fc.nat(1000).map(acknowledge),
      fc
        .tuple(fc.nat(1000), fc.constantFrom(0, 10, 40))
        .map(a => modifyDeadline(...a)),
      fc.constantFrom(1, 15, 30).map(wait),
      fc.constant(restart()),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.commands(steps, { maxCommands: 60, size: 'max' }),
        async commands => {
          const real = await System.create();
          try {
            await fc.asyncModelRun(
              () => ({
                model: {
                  nowMs: 0,
                  backlogs: new Map(SUBSCRIPTIONS.map(s => [s, new Map()])),
                  ackIds: [],
                },
                real,
              }),
              commands,
            );
          } finally {
            await real.destroy();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  describe('on its own', () => {
    let system: System;
    beforeEach(async () => {
      system = await System.create();
    });
    afterEach(() => system.destroy());

    it('drops what is older than the retention, by time that really passed', async () => {
      await system.publish([10]);
      system.clock.jumpWall(5 * 365 * 86_400_000);
      system.clock.advance(30 * 60_000);
      expect(system.size(SUBSCRIPTIONS[0])).toBe(1);

      system.clock.advance(31 * 60_000);
      expect(system.size(SUBSCRIPTIONS[0])).toBe(0);
      while (system.storedIds().length > 0) {
        await new Promise(resolve => setImmediate(resolve));
      }
      expect(system.size(SUBSCRIPTIONS[1])).toBe(0);
    });

    it('keeps an acknowledgement for another message of the same place away', async () => {
      await system.publish([1]);
      const [{ ackId }] = system.pull(SUBSCRIPTIONS[0], 1);
      await system.broker.acknowledge(SUBSCRIPTIONS[0], [ackId]);
      const [other] = system.pull(SUBSCRIPTIONS[1], 1);
      await system.broker.acknowledge(SUBSCRIPTIONS[1], [other.ackId]);
      await system.close();
      await system.open();

      // The store is empty again, yet the old id must not hit the new message.
      await system.publish([1]);
      await system.broker.acknowledge(SUBSCRIPTIONS[0], [ackId]);
      expect(system.size(SUBSCRIPTIONS[0])).toBe(1);
    });

    it('accepts an acknowledgement from before a restart', async () => {
      await system.publish([1, 2]);
      const [first] = system.pull(SUBSCRIPTIONS[0], 1);
      await system.close();
      await system.open();

      await system.broker.acknowledge(SUBSCRIPTIONS[0], [first.ackId]);
      expect(system.pull(SUBSCRIPTIONS[0], 9).map(d => d.body.length)).toEqual([
        2,
      ]);
    });

    it('removes the messages of a deleted subscription, also after a crash half-way', async () => {
      await system.publish([1, 2, 3]);
      for (const name of SUBSCRIPTIONS) {
        // Only the record goes, as if the process had ended right then.
        await system.store.write(writer => writer.removeSubscription(name));
      }
      await system.close();
      await system.open();
      expect(system.storedIds()).toEqual([]);
      expect([...system.store.load().references]).toEqual([]);
    });

    it('stores nothing for a topic without subscriptions', async () => {
      for (const name of SUBSCRIPTIONS) {
        await system.broker.registry.deleteSubscription(name);
      }
      const [id] = await system.publish([100]);
      expect(id).toBe('1');
      expect(system.storedIds()).toEqual([]);
    });
  });
});
