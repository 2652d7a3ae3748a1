import { crc32 } from 'node:zlib';
import { type Clock } from '../clock';
import {
  invalidArgument,
  messageOf,
  resourceExhausted,
  unavailable,
} from '../errors';
import { type BrokerLogger } from '../logger';
import { type BrokerStore } from '../store';
import { formatAckId, parseAckId } from './ackId';
import { DeadlineTimer } from './DeadlineTimer';
import { type Delivery } from './consumer';
import { References, parts } from './References';
import { Registry } from './Registry';
import { RetentionSweep } from './RetentionSweep';
import { type Subscription, type TakeOptions } from './Subscription';

export const MAX_ACK_DEADLINE_SECONDS = 600;
const MAX_QUEUED_BYTES = 256 * 2 ** 20;

/** A message as a publisher hands it in. */
export interface NewMessage {
  body: Buffer;
  attributes: Record<string, string>;
  orderingKey?: string;
}

/**
 * Topics, subscriptions and deliveries, without the network.
 *
 * Guarantees:
 * - Every promise here resolves after its change is durable (see BrokerStore).
 * - A message is delivered only once its commit is durable, at least once to
 *   each subscription that existed when it was published, until that
 *   subscription acknowledges it or its retention ends. Nothing else removes it.
 * - Deliveries in flight live in memory: after a restart everything that is
 *   not acknowledged is available again.
 * - Any ack id ever given for a message acknowledges it, also one whose
 *   deadline has passed or that dates from before a restart: its receiver has
 *   dealt with the message. Only the newest ack id can move the deadline or
 *   give the message back. Sequences and subscription ids are never reused and
 *   ack ids name the store, so an old ack id cannot hit another message.
 * - A body is stored once and removed with the last reference to it.
 *
 * Memory: about 200 bytes for each unacknowledged message of a subscription;
 * bodies are read when they are delivered.
 */
export class MessageBroker {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #logger: BrokerLogger;
  readonly #deadlines: DeadlineTimer;
  /** Topics and subscriptions, to be made, read, changed and deleted. */
  readonly registry: Registry;
  readonly #references: References;
  readonly #retention: RetentionSweep;
  #nextSequence = 1;
  #isStopping = false;

  /** Reads the store; resolves when the broker may serve. */
  static async start(options: {
    store: BrokerStore;
    clock: Clock;
    logger: BrokerLogger;
  }): Promise<MessageBroker> {
    const broker = new MessageBroker(options);
    await broker.#load();
    broker.#retention.start();
    return broker;
  }

  private constructor(options: {
    store: BrokerStore;
    clock: Clock;
    logger: BrokerLogger;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#references = new References(options.store);
    this.#deadlines = new DeadlineTimer(options.clock);
    this.registry = new Registry({
      store: options.store,
      clock: options.clock,
      take: this.take,
      onDeleted: subscription => this.#purge(subscription),
    });
    this.#retention = new RetentionSweep({
      clock: options.clock,
      logger: options.logger,
      registry: this.registry,
      references: this.#references,
    });
  }

  /**
   * Stores messages for every subscription of the topic; a topic without any
   * drops them, as Pub/Sub does.
   *
   * @returns the message ids
   */
  async publish(topicName: string, messages: NewMessage[]): Promise<string[]> {
    this.registry.topic(topicName);
    this.assertServing();
    if (this.#store.queuedBytes > MAX_QUEUED_BYTES) {
      throw resourceExhausted('Too many bytes wait for a commit; slow down');
    }
    const publishTimeMs = this.#clock.wallMs();
    const subscriptions = this.registry.subscriptionsOf(topicName);
    const accepted = messages.map(message => ({
      sequence: this.#nextSequence++,
      publishTimeMs,
      bytes: message.body.length,
      message,
    }));
    const nextSequence = this.#nextSequence;
    await this.#store.write(writer => {
      writer.putNextSequence(nextSequence);
      if (subscriptions.length === 0) {
        return;
      }
      for (const { sequence, bytes, message } of accepted) {
        const { body, attributes, orderingKey } = message;
        writer.putMessage(
          sequence,
          {
            publishTimeMs,
            attributes,
            ...(orderingKey && { orderingKey }),
            bytes,
            crc32: crc32(body),
          },
          body,
        );
        for (const { stored } of subscriptions) {
          const subscriptionId = stored.id;
          writer.putReference({
            subscriptionId,
            sequence,
            publishTimeMs,
            bytes,
          });
        }
      }
    }, sum(accepted.map(({ bytes }) => bytes)));

    const sequences = accepted.map(({ sequence }) => sequence);
    this.#references.add(sequences, subscriptions.length);
    for (const subscription of subscriptions) {
      if (this.registry.isAlive(subscription)) {
        accepted.forEach(({ sequence, bytes }) =>
          subscription.backlog.add({ sequence, publishTimeMs, bytes }),
        );
        subscription.dispatchSoon();
      } else {
        // Deleted while the commit was under way.
        await this.#references.release(subscription.stored.id, sequences);
      }
    }
    return sequences.map(String);
  }

  /** Leases available messages; the first whatever its size. */
  readonly take = (
    subscription: Subscription,
    options: TakeOptions,
  ): Delivery[] => {
    const { backlog, stored } = subscription;
    const { maxMessages, maxBytes, ackDeadlineSeconds, holder } = options;
    const deliveries: Delivery[] = [];
    let bytes = 0;
    while (deliveries.length < maxMessages) {
      const nextBytes = backlog.nextBytes();
      if (
        nextBytes === undefined ||
        (deliveries.length > 0 && bytes + nextBytes > maxBytes)
      ) {
        break;
      }
      const deadlineMs = this.#deadlineMs(ackDeadlineSeconds);
      const message = backlog.lease({ deadlineMs, holder });
      if (!message) {
        break;
      }
      const content = this.#store.readMessage(message.sequence);
      if (!content) {
        backlog.withhold(message);
        this.#logger.error(
          'A stored message is damaged; it is kept but not delivered',
          { subscription: stored.name, messageId: message.sequence },
        );
        continue;
      }
      this.#deadlines.watch(subscription, message);
      bytes += message.bytes;
      deliveries.push({
        ackId: formatAckId(this.#store.storeId, {
          subscriptionId: stored.id,
          sequence: message.sequence,
          attempt: message.attempts,
        }),
        messageId: String(message.sequence),
        ...content,
      });
    }
    return deliveries;
  };

  /** @throws RpcError INVALID_ARGUMENT for a malformed ack id */
  async acknowledge(name: string, ackIds: readonly string[]): Promise<void> {
    const subscription = this.registry.subscription(name);
    const sequences = this.#targets(subscription, ackIds)
      .map(({ sequence }) => sequence)
      .filter(sequence => subscription.backlog.remove(sequence));
    if (sequences.length > 0) {
      subscription.dispatchSoon();
      await this.#references.release(subscription.stored.id, sequences);
    }
  }

  /**
   * Moves ack deadlines to `seconds` from now; 0 gives the messages back.
   *
   * @throws RpcError INVALID_ARGUMENT for a malformed ack id or seconds
   *   outside 0..600
   */
  modifyAckDeadline(
    name: string,
    changes: readonly { ackId: string; seconds: number }[],
  ): void {
    const subscription = this.registry.subscription(name);
    const { backlog } = subscription;
    const targets = this.#targets(
      subscription,
      changes.map(({ ackId }) => ackId),
    );
    const secondsOf = new Map<string, number>();
    for (const { ackId, seconds } of changes) {
      if (!(seconds >= 0 && seconds <= MAX_ACK_DEADLINE_SECONDS)) {
        throw invalidArgument(
          `An ack deadline is 0 to ${MAX_ACK_DEADLINE_SECONDS} seconds, not ${seconds}`,
        );
      }
      secondsOf.set(ackId, seconds);
    }
    for (const { ackId, sequence, attempt } of targets) {
      const message = backlog.get(sequence);
      if (message?.lease && message.attempts === attempt) {
        const seconds = secondsOf.get(ackId) ?? 0;
        if (seconds === 0) {
          backlog.giveBack(message);
        } else {
          this.#deadlines.move(
            subscription,
            message,
            this.#deadlineMs(seconds),
          );
        }
      }
    }
    subscription.dispatchSoon();
  }

  /** @throws RpcError UNAVAILABLE once the broker stops */
  assertServing(): void {
    if (this.#isStopping) {
      throw unavailable('The broker is stopping; connect again');
    }
  }

  /** Ends all deliveries; what was accepted before still commits. */
  stop(): void {
    this.#isStopping = true;
    this.#retention.stop();
    this.#deadlines.stop();
    for (const subscription of this.registry.subscriptions()) {
      subscription.end(unavailable('The broker is stopping; connect again'));
    }
  }

  async #load(): Promise<void> {
    const loaded = this.#store.load();
    this.#nextSequence = loaded.nextSequence;
    const subscriptionsById = this.registry.load(loaded);
    const references = new Map<number, number>();
    const lost: [subscriptionId: number, sequence: number][] = [];
    for (const { subscriptionId, ...message } of loaded.references) {
      const subscription = subscriptionsById.get(subscriptionId);
      if (subscription) {
        subscription.backlog.add(message);
        references.set(
          message.sequence,
          (references.get(message.sequence) ?? 0) + 1,
        );
      } else {
        lost.push([subscriptionId, message.sequence]);
      }
    }
    const unused = [...loaded.sequences].filter(s => !references.has(s));
    references.forEach((count, sequence) =>
      this.#references.add([sequence], count),
    );
    // Left over from the purge of a deleted subscription.
    for (const part of parts(lost)) {
      await this.#store.write(writer =>
        part.forEach(([id, sequence]) => writer.removeReference(id, sequence)),
      );
    }
    for (const part of parts(unused)) {
      await this.#store.write(writer =>
        part.forEach(sequence => writer.removeMessage(sequence)),
      );
    }
  }

  /** Should this be cut short, the next start finishes it. */
  #purge({ stored, backlog }: Subscription): void {
    const sequences = [...backlog.sequences()];
    const purge = async () => {
      for (const part of parts(sequences)) {
        await this.#references.release(stored.id, part);
      }
    };
    purge().catch(error =>
      this.#logger.warn(
        `The purge of ${stored.name} ended: ${messageOf(error)}`,
      ),
    );
  }

  #targets(subscription: Subscription, ackIds: readonly string[]) {
    return ackIds.flatMap(ackId => {
      const target = parseAckId(this.#store.storeId, ackId);
      if (target === 'malformed') {
        throw invalidArgument(`Malformed ack id: ${ackId.slice(0, 60)}`);
      }
      const isOurs =
        target !== 'foreign' &&
        target.subscriptionId === subscription.stored.id;
      return isOurs ? [{ ...target, ackId }] : [];
    });
  }

  #deadlineMs(seconds: number): number {
    return this.#clock.monotonicMs() + seconds * 1000;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
