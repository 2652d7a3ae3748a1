import { type Clock } from '../clock';
import { alreadyExists, notFound } from '../errors';
import {
  type BrokerStore,
  type LoadedStore,
  type StoredSubscription,
  type StoredTopic,
} from '../store';
import { Subscription, type TakeMessages } from './Subscription';

/** Topic of a subscription whose topic was deleted, as in Pub/Sub. */
export const DELETED_TOPIC = '_deleted-topic_';

/**
 * The topics and subscriptions of the broker.
 *
 * A change shows at once and its promise resolves when it is durable. Commits
 * keep the order of the changes, so nothing can be durable that builds on a
 * change that is not.
 */
export class Registry {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #take: TakeMessages;
  readonly #onDeleted: (subscription: Subscription) => void;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #byTopic = new Map<string, Set<Subscription>>();
  #nextSubscriptionId = 1;

  /** `onDeleted` is told when the deletion of a subscription is durable. */
  constructor(options: {
    store: BrokerStore;
    clock: Clock;
    take: TakeMessages;
    onDeleted: (subscription: Subscription) => void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#take = options.take;
    this.#onDeleted = options.onDeleted;
  }

  /** Fills the registry; returns its subscriptions by id. */
  load(loaded: LoadedStore): Map<number, Subscription> {
    this.#nextSubscriptionId = loaded.nextSubscriptionId;
    loaded.topics.forEach(topic => this.#topics.set(topic.name, topic));
    return new Map(
      loaded.subscriptions.map(stored => [stored.id, this.#add(stored)]),
    );
  }

  async createTopic(
    topic: Pick<StoredTopic, 'name' | 'labels'>,
  ): Promise<StoredTopic> {
    if (this.#topics.has(topic.name)) {
      throw alreadyExists(topic.name);
    }
    return this.#putTopic({ ...topic, createdAtMs: this.#clock.wallMs() });
  }

  topic(name: string): StoredTopic {
    const topic = this.#topics.get(name);
    if (!topic) {
      throw notFound(name);
    }
    return topic;
  }

  topics(): StoredTopic[] {
    return [...this.#topics.values()];
  }

  async updateTopic(
    name: string,
    change: Partial<Pick<StoredTopic, 'labels'>>,
  ): Promise<StoredTopic> {
    return this.#putTopic({ ...this.topic(name), ...change });
  }

  /** Subscriptions of the topic stay, with what they have not acknowledged. */
  async deleteTopic(name: string): Promise<void> {
    this.topic(name);
    this.#topics.delete(name);
    const orphans = this.subscriptionsOf(name);
    this.#byTopic.delete(name);
    for (const orphan of orphans) {
      orphan.stored = { ...orphan.stored, topic: DELETED_TOPIC };
    }
    await this.#store.write(writer => {
      writer.removeTopic(name);
      orphans.forEach(({ stored }) => writer.putSubscription(stored));
    });
  }

  async createSubscription(
    settings: Omit<StoredSubscription, 'id' | 'createdAtMs'>,
  ): Promise<StoredSubscription> {
    if (this.#subscriptions.has(settings.name)) {
      throw alreadyExists(settings.name);
    }
    this.topic(settings.topic);
    const stored = {
      ...settings,
      id: this.#nextSubscriptionId++,
      createdAtMs: this.#clock.wallMs(),
    };
    this.#add(stored);
    const nextId = this.#nextSubscriptionId;
    await this.#store.write(writer => {
      writer.putSubscription(stored);
      writer.putNextSubscriptionId(nextId);
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

  subscriptions(): Subscription[] {
    return [...this.#subscriptions.values()];
  }

  async updateSubscription(
    name: string,
    change: Partial<
      Pick<
        StoredSubscription,
        'ackDeadlineSeconds' | 'retentionSeconds' | 'labels'
      >
    >,
  ): Promise<StoredSubscription> {
    const subscription = this.subscription(name);
    const stored = { ...subscription.stored, ...change };
    subscription.stored = stored;
    await this.#store.write(writer => writer.putSubscription(stored));
    return stored;
  }

  async deleteSubscription(name: string): Promise<void> {
    const subscription = this.subscription(name);
    this.#subscriptions.delete(name);
    this.#byTopic.get(subscription.stored.topic)?.delete(subscription);
    subscription.end(notFound(name));
    await this.#store.write(writer => writer.removeSubscription(name));
    this.#onDeleted(subscription);
  }

  subscriptionsOf(topicName: string): Subscription[] {
    return [...(this.#byTopic.get(topicName) ?? [])];
  }

  isAlive(subscription: Subscription): boolean {
    return this.#subscriptions.get(subscription.stored.name) === subscription;
  }

  #add(stored: StoredSubscription): Subscription {
    const subscription = new Subscription(stored, this.#take);
    this.#subscriptions.set(stored.name, subscription);
    const siblings = this.#byTopic.get(stored.topic) ?? new Set();
    this.#byTopic.set(stored.topic, siblings.add(subscription));
    return subscription;
  }

  async #putTopic(topic: StoredTopic): Promise<StoredTopic> {
    this.#topics.set(topic.name, topic);
    await this.#store.write(writer => writer.putTopic(topic));
    return topic;
  }
}
