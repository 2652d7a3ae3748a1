import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ManualClock } from '../__testUtils__/ManualClock';
import { BrokerStore, type StoredSubscription } from '../store';
import { type Delivery } from './consumer';
import { MessageBroker } from './MessageBroker';

const TOPIC = 'projects/p/topics/events';
const DEAD = 'projects/p/topics/dead';
const SUBSCRIPTION = 'projects/p/subscriptions/s';
const DEAD_SUBSCRIPTION = 'projects/p/subscriptions/dead';
const ACK_DEADLINE_SECONDS = 10;
const MAX_ATTEMPTS = 5;
const logger = { info: () => {}, warn: () => {}, error: () => {} };

/** A broker, what was asked of it, and the rules that hold whatever happens. */
class System {
  readonly clock = new ManualClock();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'model-'));
  store!: BrokerStore;
  broker!: MessageBroker;
  /** Everything ever published, by text. */
  readonly published = new Map<string, string | undefined>();
  /** Texts whose acknowledgement was confirmed, and not undone by a seek. */
  readonly acknowledged = new Set<string>();
  /** Good until the deadline, as far as this receiver knows. */
  readonly leases = new Map<string, Delivery & { untilMs: number }>();
  readonly everDelivered: Delivery[] = [];

  static async create(settings: Partial<StoredSubscription>): Promise<System> {
    const system = new System();
    await system.open();
    const { registry } = system.broker;
    await registry.createTopic({ name: TOPIC, labels: {} });
    await registry.createTopic({ name: DEAD, labels: {} });
    const shared = {
      labels: {},
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      retentionSeconds: 86_400,
    };
    await registry.createSubscription({
      ...shared,
      ...settings,
      name: SUBSCRIPTION,
      topic: TOPIC,
    });
    await registry.createSubscription({
      ...shared,
      name: DEAD_SUBSCRIPTION,
      topic: DEAD,
    });
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
    const { store } = this;
    this.broker = await MessageBroker.start({ store, clock, logger });
  }

  async restart(): Promise<void> {
    this.broker.stop();
    await this.store.close();
    this.leases.clear();
    await this.open();
  }

  async destroy(): Promise<void> {
    this.broker.stop();
    await this.store.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async publish(keys: (string | undefined)[]): Promise<void> {
    for (const orderingKey of keys) {
      const text = String(this.published.size);
      this.published.set(text, orderingKey);
      await this.broker.publish(TOPIC, [
        { body: Buffer.from(text), attributes: {}, orderingKey },
      ]);
    }
  }

  pull(maxMessages: number, name = SUBSCRIPTION): Delivery[] {
    return this.broker.take(this.broker.registry.subscription(name), {
      maxMessages,
      maxBytes: Infinity,
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
    });
  }

  /** Everything in the dead-letter subscription, as texts. */
  dead(): string[] {
    const { backlog } = this.broker.registry.subscription(DEAD_SUBSCRIPTION);
    return [...backlog.messages()].map(({ sequence }) =>
      String(this.store.readMessage(sequence)?.body),
    );
  }

  /** What is not acknowledged, as texts. */
  pending(): string[] {
    const { backlog } = this.broker.registry.subscription(SUBSCRIPTION);
    return [...backlog.messages()].map(({ sequence }) =>
      String(this.store.readMessage(sequence)?.body),
    );
  }
}

type Step = (system: System) => Promise<void>;
const text = (delivery: Delivery) => delivery.body.toString();

const steps = {
  publish: fc
    .array(fc.constantFrom('a', 'b', undefined), { minLength: 1, maxLength: 5 })
    .map(
      (keys): Step =>
        system =>
          system.publish(keys),
    ),
  pull: fc.integer({ min: 1, max: 4 }).map(
    (max): Step =>
      async system => {
        for (const delivery of system.pull(max)) {
          const untilMs =
            system.clock.monotonicMs() + ACK_DEADLINE_SECONDS * 1000;
          system.everDelivered.push(delivery);
          system.leases.set(text(delivery), { ...delivery, untilMs });
        }
      },
  ),
  acknowledge: fc.nat(1000).map(
    (pick): Step =>
      async system => {
        const { everDelivered, acknowledged } = system;
        const delivery = everDelivered[pick % everDelivered.length];
        if (delivery) {
          // Of one that is dead, an acknowledgement is accepted and does nothing.
          const wasPending = system.pending().includes(text(delivery));
          await system.broker.acknowledge(SUBSCRIPTION, [delivery.ackId]);
          if (wasPending && !system.pending().includes(text(delivery))) {
            acknowledged.add(text(delivery));
            system.leases.delete(text(delivery));
          }
        }
      },
  ),
  nack: fc.nat(1000).map(
    (pick): Step =>
      async system => {
        const delivery =
          system.everDelivered[pick % system.everDelivered.length];
        if (delivery) {
          system.broker.modifyAckDeadline(SUBSCRIPTION, [
            { ackId: delivery.ackId, seconds: 0 },
          ]);
          if (system.leases.get(text(delivery))?.ackId === delivery.ackId) {
            system.leases.delete(text(delivery));
          }
        }
      },
  ),
  wait: fc.constantFrom(1, 6, 11).map(
    (seconds): Step =>
      async system => {
        system.clock.advance(seconds * 1000);
      },
  ),
  restart: fc.constant<Step>(system => system.restart()),
};

async function check(
  settings: Partial<StoredSubscription>,
  more: fc.Arbitrary<Step>[],
  rule: (system: System) => void | Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(...Object.values(steps), ...more), {
        minLength: 5,
        maxLength: 50,
      }),
      async history => {
        const system = await System.create(settings);
        try {
          for (const run of history) {
            await run(system);
            await rule(system);
          }
        } finally {
          await system.destroy();
        }
      },
    ),
    { numRuns: 25 },
  );
}

describe('whatever happens', () => {
  it('delivers each ordering key in order, and nothing twice at a time', async () => {
    expect.hasAssertions();
    await check({ enableMessageOrdering: true }, [], async system => {
      // What could be pulled now is, per key, the beginning of what is pending.
      const before = system.pending();
      const inOrder = [...before].sort((a, b) => Number(a) - Number(b));
      expect(before).toEqual(inOrder);
      const taken = system.pull(3);
      for (const key of ['a', 'b']) {
        const pendingOfKey = before.filter(
          each => system.published.get(each) === key,
        );
        const takenOfKey = taken
          .map(text)
          .filter(each => system.published.get(each) === key);
        expect(takenOfKey).toEqual(pendingOfKey.slice(0, takenOfKey.length));
      }
      system.broker.modifyAckDeadline(
        SUBSCRIPTION,
        taken.map(({ ackId }) => ({ ackId, seconds: 0 })),
      );
    });
  }, 120_000);

  it('has each message pending, acknowledged or dead, and never in two of them', async () => {
    expect.hasAssertions();
    const nackAll = fc.constant<Step>(async system => {
      system.broker.modifyAckDeadline(
        SUBSCRIPTION,
        system.pull(9).map(({ ackId }) => ({ ackId, seconds: 0 })),
      );
      await system.store.barrier();
    });
    await check(
      {
        enableMessageOrdering: true,
        deadLetterPolicy: {
          deadLetterTopic: DEAD,
          maxDeliveryAttempts: MAX_ATTEMPTS,
        },
      },
      [nackAll, nackAll],
      async system => {
        await system.store.barrier();
        const all = [
          ...system.pending(),
          ...system.dead(),
          ...system.acknowledged,
        ];
        expect(all.sort()).toEqual([...system.published.keys()].sort());
      },
    );
  }, 120_000);

  it('gives nothing to another while a lease is good, and refuses it afterwards', async () => {
    expect.hasAssertions();
    await check({ enableExactlyOnceDelivery: true }, [], async system => {
      const nowMs = system.clock.monotonicMs();
      const held = [...system.leases.values()].filter(
        lease => lease.untilMs > nowMs,
      );
      const taken = system.pull(9);
      for (const lease of held) {
        expect(taken.map(text)).not.toContain(text(lease));
      }
      for (const each of system.acknowledged) {
        expect(taken.map(text)).not.toContain(each);
        expect(system.pending()).not.toContain(each);
      }
      // What was delivered just now supersedes what was delivered before.
      const again = new Set(taken.map(text));
      const superseded = system.everDelivered
        .filter(old => again.has(text(old)))
        .map(({ ackId }) => ackId);
      const result = await system.broker.acknowledge(SUBSCRIPTION, superseded);
      expect(result.done).toEqual([]);
      expect(result.invalid).toHaveLength(superseded.length);
      system.broker.modifyAckDeadline(
        SUBSCRIPTION,
        taken.map(({ ackId }) => ({ ackId, seconds: 0 })),
      );
    });
  }, 120_000);

  it('has after a seek exactly what was published since, a restart later too', async () => {
    expect.hasAssertions();
    await check(
      { retainAckedMessages: true, enableMessageOrdering: true },
      [],
      async system => {
        const nowMs = system.clock.wallMs();
        await system.broker.replay.seekToTime(SUBSCRIPTION, nowMs - 5_000);
        const since = [...system.store.load().sequences]
          .filter(
            sequence =>
              system.store.readMessage(sequence)!.envelope.publishTimeMs >=
              nowMs - 5_000,
          )
          .map(sequence => String(system.store.readMessage(sequence)!.body));
        expect(system.pending()).toEqual(since);
        await system.restart();
        expect(system.pending()).toEqual(since);
        // Nothing that is retained was lost on the way.
        expect([...system.store.load().sequences]).toHaveLength(
          system.published.size,
        );
        system.acknowledged.clear();
      },
    );
  }, 120_000);
});
