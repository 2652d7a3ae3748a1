import { type Clock } from '../clock';
import { alreadyExists, failedPrecondition, notFound } from '../errors';
import {
  type BrokerStore,
  type LoadedStore,
  type StoredSnapshot,
  type StoredSubscription,
  type StoredTopic,
} from '../store';
import { Subscription, type TakeMessages } from './Subscription';

/** Topic of what outlives its topic, as in Pub/Sub. */
export const DELETED_TOPIC = '_deleted-topic_';

/** What of a topic its creator decides. */
export type TopicSettings = Omit<StoredTopic, 'createdAtMs' | 'logId'>;

/** What of a subscription its creator decides. */
export type SubscriptionSettings = Omit<
  StoredSubscription,
  'id' | 'createdAtMs' | 'isDetached' | 'fence'
>;

/**
 * The topics, subscriptions and snapshots of the broker.
 *
 * A change shows at once and its promise resolves when it is durable. Commits
 * keep the order of the changes, so nothing can be durable that builds on a
 * change that is not.
 *
 * Everything that keeps messages has a holder id, never used again:
 * subscriptions, snapshots, and the log of a topic with a retention of its own.
 */
export class Registry {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #take: TakeMessages;
  readonly #onHolderGone: (holderId: number) => void;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #snapshots = new Map<string, StoredSnapshot>();
  readonly #byTopic = new Map<string, Set<Subscription>>();
  readonly #keepersByTopic = new Map<string, number[]>();
  #nextHolderId = 1;

  /** `onHolderGone` is told when it is durable that a holder is no more. */
  constructor(options: {
    store: BrokerStore;
    clock: Clock;
    take: TakeMessages;
    onHolderGone: (holderId: number) => void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#take = options.take;
    this.#onHolderGone = options.onHolderGone;
  }

  load(loaded: LoadedStore): void {
    this.#nextHolderId = loaded.nextHolderId;
    loaded.topics.forEach(topic => this.#topics.set(topic.name, topic));
    loaded.snapshots.forEach(snapshot =>
      this.#snapshots.set(snapshot.name, snapshot),
    );
    loaded.subscriptions.forEach(stored => this.#add(stored));
  }

  async createTopic(settings: TopicSettings): Promise<StoredTopic> {
    if (this.#topics.has(settings.name)) {
      throw alreadyExists(settings.name);
    }
    return this.#putTopic(settings, { createdAtMs: this.#clock.wallMs() });
  }

  topic(name: string): StoredTopic {
    const topic = this.#topics.get(name);
    if (!topic) {
      throw notFound(name);
    }
    return topic;
  }

  hasTopic(name: string): boolean {
    return this.#topics.has(name);
  }

  topics(): StoredTopic[] {
    return [...this.#topics.values()];
  }

  async updateTopic(settings: TopicSettings): Promise<StoredTopic> {
    const { createdAtMs, logId } = this.topic(settings.name);
    const topic = await this.#putTopic(settings, { createdAtMs, logId });
    if (logId !== undefined && topic.logId === undefined) {
      this.#onHolderGone(logId);
    }
    return topic;
  }

  /** Subscriptions and snapshots of the topic stay, with what they hold. */
  async deleteTopic(name: string): Promise<void> {
    const { logId } = this.topic(name);
    this.#topics.delete(name);
    const orphans = this.subscriptionsOf(name);
    const snapshots = this.snapshotsOf(name);
    this.#byTopic.delete(name);
    this.#keepersByTopic.delete(name);
    for (const orphan of orphans) {
      orphan.stored = { ...orphan.stored, topic: DELETED_TOPIC };
    }
    for (const snapshot of snapshots) {
      this.#snapshots.set(snapshot.name, { ...snapshot, topic: DELETED_TOPIC });
    }
    await this.#store.write(writer => {
      writer.removeTopic(name);
      orphans.forEach(({ stored }) => writer.putSubscription(stored));
      snapshots.forEach(snapshot =>
        writer.putSnapshot({ ...snapshot, topic: DELETED_TOPIC }),
      );
    });
    if (logId !== undefined) {
      this.#onHolderGone(logId);
    }
  }

  async createSubscription(
    settings: SubscriptionSettings,
  ): Promise<StoredSubscription> {
    if (this.#subscriptions.has(settings.name)) {
      throw alreadyExists(settings.name);
    }
    this.topic(settings.topic);
    const stored = {
      ...settings,
      id: this.#nextHolderId++,
      createdAtMs: this.#clock.wallMs(),
    };
    this.#add(stored);
    const nextId = this.#nextHolderId;
    await this.#store.write(writer => {
      writer.putSubscription(stored);
      writer.putNextHolderId(nextId);
    });
    return stored;
  }

  subscription(name: string): Subscription {
    const subscription = this.#subscriptions.get(name);
    if (!subscription) {
      throw notFound(name);
    }
    return subscription;
  }

  /**
   * A subscription somebody means to receive from.
   *
   * @throws RpcError FAILED_PRECONDITION for a detached one
   */
  subscriptionInUse(name: string): Subscription {
    const subscription = this.subscription(name);
    if (subscription.stored.isDetached) {
      throw detached(name);
    }
    subscription.lastUsedMs = this.#clock.monotonicMs();
    return subscription;
  }

  subscriptions(): Subscription[] {
    return [...this.#subscriptions.values()];
  }

  async updateSubscription(
    settings: SubscriptionSettings,
  ): Promise<StoredSubscription> {
    const subscription = this.subscription(settings.name);
    const { id, createdAtMs, isDetached, fence } = subscription.stored;
    const stored = { ...settings, id, createdAtMs, isDetached, fence };
    subscription.change(stored);
    await this.#store.write(writer => writer.putSubscription(stored));
    return stored;
  }

  async deleteSubscription(name: string): Promise<void> {
    const subscription = this.subscription(name);
    this.#subscriptions.delete(name);
    this.#byTopic.get(subscription.stored.topic)?.delete(subscription);
    subscription.end(notFound(name));
    await this.#store.write(writer => writer.removeSubscription(name));
    this.#onHolderGone(subscription.stored.id);
  }

  /** The subscription gets nothing more and forgets what it has. */
  async detachSubscription(name: string): Promise<void> {
    const subscription = this.subscription(name);
    this.#byTopic.get(subscription.stored.topic)?.delete(subscription);
    const stored = { ...subscription.stored, isDetached: true };
    subscription.stored = stored;
    subscription.end(detached(name));
    subscription.backlog.replace([]);
    subscription.damaged = [];
    await this.#store.write(writer => writer.putSubscription(stored));
    this.#onHolderGone(stored.id);
  }

  subscriptionsOf(topicName: string): Subscription[] {
    return [...(this.#byTopic.get(topicName) ?? [])];
  }

  /** False for a subscription that was deleted or detached. */
  isAlive(subscription: Subscription): boolean {
    return (
      this.#subscriptions.get(subscription.stored.name) === subscription &&
      !subscription.stored.isDetached
    );
  }

  /** From now on the snapshot gets what is published; it is not stored yet. */
  addSnapshot(settings: Omit<StoredSnapshot, 'id'>): StoredSnapshot {
    if (this.#snapshots.has(settings.name)) {
      throw alreadyExists(settings.name);
    }
    const snapshot = { ...settings, id: this.#nextHolderId++ };
    this.#snapshots.set(snapshot.name, snapshot);
    this.#keepersByTopic.delete(snapshot.topic);
    return snapshot;
  }

  get nextHolderId(): number {
    return this.#nextHolderId;
  }

  snapshot(name: string): StoredSnapshot {
    const snapshot = this.#snapshots.get(name);
    if (!snapshot) {
      throw notFound(name);
    }
    return snapshot;
  }

  snapshots(): StoredSnapshot[] {
    return [...this.#snapshots.values()];
  }

  snapshotsOf(topicName: string): StoredSnapshot[] {
    return this.snapshots().filter(({ topic }) => topic === topicName);
  }

  async updateSnapshot(
    name: string,
    change: Partial<Pick<StoredSnapshot, 'labels' | 'expiresAtMs'>>,
  ): Promise<StoredSnapshot> {
    const snapshot = { ...this.snapshot(name), ...change };
    this.#snapshots.set(name, snapshot);
    await this.#store.write(writer => writer.putSnapshot(snapshot));
    return snapshot;
  }

  async deleteSnapshot(name: string): Promise<void> {
    const { id, topic } = this.snapshot(name);
    this.#snapshots.delete(name);
    this.#keepersByTopic.delete(topic);
    await this.#store.write(writer => writer.removeSnapshot(name));
    this.#onHolderGone(id);
  }

  /** Holders besides subscriptions that get what a topic is sent. */
  keeperIdsOf(topicName: string): number[] {
    let ids = this.#keepersByTopic.get(topicName);
    if (!ids) {
      const { logId } = this.topic(topicName);
      ids = this.snapshotsOf(topicName).map(({ id }) => id);
      if (logId !== undefined) {
        ids.push(logId);
      }
      this.#keepersByTopic.set(topicName, ids);
    }
    return ids;
  }

  #add(stored: StoredSubscription): Subscription {
    const subscription = new Subscription(stored, this.#take);
    subscription.lastUsedMs = this.#clock.monotonicMs();
    this.#subscriptions.set(stored.name, subscription);
    if (!stored.isDetached) {
      const siblings = this.#byTopic.get(stored.topic) ?? new Set();
      this.#byTopic.set(stored.topic, siblings.add(subscription));
    }
    return subscription;
  }

  /** A topic has a log exactly while it has a retention. */
  async #putTopic(
    settings: TopicSettings,
    known: Pick<StoredTopic, 'createdAtMs' | 'logId'>,
  ): Promise<StoredTopic> {
    const { createdAtMs } = known;
    const topic: StoredTopic =
      settings.retentionSeconds === undefined
        ? { ...settings, createdAtMs }
        : {
            ...settings,
            createdAtMs,
            logId: known.logId ?? this.#nextHolderId++,
          };
    this.#topics.set(topic.name, topic);
    this.#keepersByTopic.delete(topic.name);
    const nextId = this.#nextHolderId;
    await this.#store.write(writer => {
      writer.putTopic(topic);
      writer.putNextHolderId(nextId);
    });
    return topic;
  }
}

function detached(name: string) {
  return failedPrecondition(
    `The subscription ${name} is detached from its topic; delete it and create another`,
  );
}
