import { type Clock } from '../clock';
import { messageOf, resourceExhausted, unavailable } from '../errors';
import { type BrokerLogger } from '../logger';
import {
  type BacklogReference,
  type BrokerStore,
  type StoredSubscription,
} from '../store';
import { formatAckId } from './ackId';
import { type AckResult, Acknowledgements } from './Acknowledgements';
import { DeadLetters } from './DeadLetters';
import { DeadlineTimer } from './DeadlineTimer';
import { type Delivery } from './consumer';
import { type PendingMessage } from './message';
import { type NewMessage, Publishing } from './Publishing';
import { References } from './References';
import { Registry, type SubscriptionSettings } from './Registry';
import { Replay } from './Replay';
import { RetentionSweep } from './RetentionSweep';
import { retryDelayMs } from './retryDelay';
import { type Subscription, type TakeOptions } from './Subscription';

const MAX_QUEUED_BYTES = 256 * 2 ** 20;

export interface BrokerParts {
  store: BrokerStore;
  clock: Clock;
  logger: BrokerLogger;
  /** Room on the disk. @defaultValue always enough */
  disk?: DiskRoom;
}

/** Whether the disk has room for more messages. */
export interface DiskRoom {
  readonly isLow: boolean;
  /** So many bytes were accepted and will be written. */
  accepted(bytes: number): void;
}

/**
 * Topics, subscriptions and deliveries, without the network.
 *
 * Guarantees:
 * - Every promise here resolves after its change is durable (see BrokerStore).
 * - A message is delivered only once its commit is durable, at least once to
 *   each subscription that existed when it was published and whose filter wants
 *   it, until that subscription acknowledges it, it is dead-lettered, or its
 *   retention ends. Nothing else removes it but a seek.
 * - Deliveries in flight live in memory: after a restart everything that is
 *   not acknowledged is available again.
 * - Which ack ids count is said in Acknowledgements; the order of messages with
 *   an ordering key in KeyQueue; seeks in Replay; dead letters in DeadLetters.
 * - A body is stored once and removed with the last reference to it.
 * - A damaged message is set aside: counted and logged, never delivered, and no
 *   longer part of the backlog.
 *
 * Memory: about 250 bytes for each unacknowledged message of a subscription;
 * bodies are read when they are delivered.
 */
export class MessageBroker {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #logger: BrokerLogger;
  readonly #disk: DiskRoom | undefined;
  readonly #deadlines: DeadlineTimer;
  /** Topics, subscriptions and snapshots, to be made, read and deleted. */
  readonly registry: Registry;
  readonly replay: Replay;
  readonly #references: References;
  readonly #publishing: Publishing;
  readonly #deadLetters: DeadLetters;
  readonly #acknowledgements: Acknowledgements;
  readonly #retention: RetentionSweep;
  #lastLease = 0;
  #isStopping = false;

  /** Reads the store; resolves when the broker may serve. */
  static async start(parts: BrokerParts): Promise<MessageBroker> {
    const broker = new MessageBroker(parts);
    await broker.#load();
    broker.#retention.start();
    return broker;
  }

  private constructor(parts: BrokerParts) {
    const { store, clock, logger, disk } = parts;
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#disk = disk;
    const references = new References(store);
    this.#references = references;
    this.#deadlines = new DeadlineTimer({ clock, onExpired: this.#expired });
    const registry = new Registry({
      store,
      clock,
      take: this.take,
      onHolderGone: holderId => this.#purge(holderId),
    });
    this.registry = registry;
    this.#publishing = new Publishing({ registry, references });
    this.#deadLetters = new DeadLetters({
      ...{ store, clock, logger, registry, references },
      publishing: this.#publishing,
      isDiskLow: () => this.#disk?.isLow ?? false,
    });
    this.#acknowledgements = new Acknowledgements({
      ...{ store, clock, references },
      deadlines: this.#deadlines,
      onReturned: this.#returned,
    });
    this.replay = new Replay({
      ...{ store, clock, registry, references },
      lastLease: () => ({ epoch: store.epoch, lease: this.#lastLease }),
    });
    this.#retention = new RetentionSweep({
      ...{ clock, logger, registry, references },
    });
  }

  /**
   * Stores messages for every subscription of the topic that wants them; a
   * topic without any drops them, as Pub/Sub does.
   *
   * @returns the message ids
   * @throws RpcError RESOURCE_EXHAUSTED while the disk or the queue is full
   */
  async publish(topicName: string, messages: NewMessage[]): Promise<string[]> {
    this.registry.topic(topicName);
    this.assertServing();
    if (this.#disk?.isLow) {
      throw resourceExhausted(
        'The disk of the broker is almost full; nothing was stored',
      );
    }
    if (this.#store.queuedBytes > MAX_QUEUED_BYTES) {
      throw resourceExhausted('Too many bytes wait for a commit; slow down');
    }
    const routed = this.#publishing.route(
      topicName,
      messages,
      this.#clock.wallMs(),
    );
    const bytes = routed.reduce((sum, each) => sum + each.envelope.bytes, 0);
    this.#disk?.accepted(bytes);
    await this.#store.write(
      writer => this.#publishing.write(writer, routed),
      bytes,
    );
    this.#publishing.arrive(routed);
    return routed.map(({ sequence }) => String(sequence));
  }

  /** Leases available messages; the first whatever its size. */
  readonly take = (
    subscription: Subscription,
    options: TakeOptions,
  ): Delivery[] => {
    const { backlog, stored } = subscription;
    const { maxMessages, maxBytes, ackDeadlineSeconds, holder } = options;
    // A pull stands for itself: messages of one key go to it together.
    const receiver = holder ?? {};
    const deliveries: Delivery[] = [];
    let bytes = 0;
    while (deliveries.length < maxMessages) {
      const next = backlog.next(receiver);
      if (!next || (deliveries.length > 0 && bytes + next.bytes > maxBytes)) {
        break;
      }
      const content = this.#store.readMessage(next.sequence);
      if (!content) {
        this.#setAside(subscription, next);
        continue;
      }
      const number = ++this.#lastLease;
      const deadlineMs = this.#clock.monotonicMs() + ackDeadlineSeconds * 1000;
      const message = backlog.lease({ number, deadlineMs, holder }, receiver);
      if (!message) {
        break;
      }
      this.#deadlines.watch(subscription, message);
      bytes += message.bytes;
      deliveries.push({
        ackId: formatAckId(this.#store.storeId, {
          subscriptionId: stored.id,
          sequence: message.sequence,
          lease: { epoch: this.#store.epoch, lease: number },
        }),
        messageId: String(message.sequence),
        deliveryAttempt: stored.deadLetterPolicy ? message.failures + 1 : 0,
        ...content,
      });
    }
    return deliveries;
  };

  /** See {@link Acknowledgements.acknowledge}. */
  async acknowledge(
    name: string,
    ackIds: readonly string[],
  ): Promise<AckResult> {
    return this.#acknowledgements.acknowledge(
      this.registry.subscriptionInUse(name),
      ackIds,
    );
  }

  /** See {@link Acknowledgements.modifyDeadlines}. */
  modifyAckDeadline(
    name: string,
    changes: readonly { ackId: string; seconds: number }[],
  ): AckResult {
    return this.#acknowledgements.modifyDeadlines(
      this.registry.subscriptionInUse(name),
      changes,
    );
  }

  async updateSubscription(
    settings: SubscriptionSettings,
  ): Promise<StoredSubscription> {
    const subscription = this.registry.subscription(settings.name);
    const wasRetaining = subscription.stored.retainAckedMessages;
    const stored = await this.registry.updateSubscription(settings);
    if (wasRetaining && !stored.retainAckedMessages) {
      await this.replay.dropAcknowledged(subscription);
    }
    return stored;
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

  /** A deadline has passed: the end of a rest, or a failed delivery. */
  readonly #expired = (
    subscription: Subscription,
    message: PendingMessage,
  ): void => {
    if (message.lease?.number === 0) {
      subscription.backlog.giveBack(message);
      subscription.dispatchSoon();
    } else {
      this.#returned(subscription, message);
    }
  };

  /** A delivery has failed: what happens to the message now. */
  readonly #returned = (
    subscription: Subscription,
    message: PendingMessage,
  ): void => {
    const { backlog, stored } = subscription;
    if (!this.registry.isAlive(subscription)) {
      return;
    }
    message.failures++;
    if (!this.#deadLetters.forward(subscription, message)) {
      const delayMs = retryDelayMs(stored.retryPolicy, message.failures);
      if (delayMs > 0) {
        const deadlineMs = this.#clock.monotonicMs() + delayMs;
        backlog.rest(message, { number: 0, deadlineMs, holder: undefined });
        this.#deadlines.watch(subscription, message);
      } else {
        backlog.giveBack(message);
      }
      if (stored.deadLetterPolicy) {
        this.#writeReference(subscription, message, 'pending');
      }
    }
    subscription.dispatchSoon();
  };

  #setAside(subscription: Subscription, message: PendingMessage): void {
    const { sequence, publishTimeMs } = message;
    subscription.backlog.remove(sequence);
    subscription.damaged.push({ sequence, publishTimeMs });
    this.#writeReference(subscription, message, 'damaged');
    this.#logger.error(
      'A stored message is damaged; it was set aside and will not be delivered. Its other copies, if any, are not affected',
      {
        subscription: subscription.stored.name,
        messageId: sequence,
        setAside: subscription.damaged.length,
      },
    );
  }

  #writeReference(
    { stored }: Subscription,
    message: PendingMessage,
    state: BacklogReference['state'],
  ): void {
    const { sequence, publishTimeMs, bytes, failures, orderingKey } = message;
    this.#store
      .write(writer =>
        writer.putReference({
          holderId: stored.id,
          ...{ sequence, publishTimeMs, bytes, failures, orderingKey, state },
        }),
      )
      // The store ends the broker when a commit fails.
      .catch(() => {});
  }

  async #load(): Promise<void> {
    const loaded = this.#store.load();
    this.#publishing.startAt(loaded.nextSequence);
    this.registry.load(loaded);
    const subscriptions = new Map(
      this.registry.subscriptions().map(each => [each.stored.id, each]),
    );
    const keepers = new Set(
      [
        ...this.registry.snapshots().map(({ id }) => id),
        ...this.registry.topics().map(({ logId }) => logId),
      ].filter(id => id !== undefined),
    );
    const counts = new Map<number, number>();
    const lost = new Set<number>();
    for (const reference of loaded.references) {
      const { holderId, sequence, state } = reference;
      const subscription = subscriptions.get(holderId);
      if (subscription && !subscription.stored.isDetached) {
        if (state === 'pending') {
          subscription.backlog.add(reference);
        } else if (state === 'damaged') {
          subscription.damaged.push(reference);
        }
      } else if (!keepers.has(holderId)) {
        lost.add(holderId);
      }
      counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
    }
    counts.forEach((count, sequence) => this.#references.set(sequence, count));
    // Left over from a purge, or from a snapshot that was never finished.
    for (const holderId of lost) {
      await this.#references.releaseWhere(holderId, () => true);
    }
    await this.#references.removeUnheld(
      [...loaded.sequences].filter(sequence => !counts.has(sequence)),
    );
  }

  /** Should this be cut short, the next start finishes it. */
  #purge(holderId: number): void {
    this.#references
      .releaseWhere(holderId, () => true)
      .catch(error => this.#logger.warn(`A purge ended: ${messageOf(error)}`));
  }
}
