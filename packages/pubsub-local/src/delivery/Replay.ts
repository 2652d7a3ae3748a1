import { type Clock } from '../clock';
import { failedPrecondition, invalidArgument } from '../errors';
import {
  type BacklogReference,
  type BrokerStore,
  type LeaseNumber,
  type StoredSnapshot,
} from '../store';
import { type References } from './References';
import { DELETED_TOPIC, type Registry } from './Registry';
import { type Subscription } from './Subscription';

const SNAPSHOT_LIFE_MS = 7 * 86_400_000;
const MIN_SNAPSHOT_LIFE_MS = 3_600_000;

/** Which messages a seek leaves unacknowledged. */
type Wanted = (reference: {
  sequence: number;
  publishTimeMs: number;
}) => boolean;

/**
 * Seek and snapshots: the acknowledgements of a subscription, changed in bulk.
 *
 * - A seek is one transaction: after a crash it happened wholly or not at all.
 *   All leases end, and ack ids from before it mean nothing any more.
 * - To a time: what was published before it is acknowledged, what was published
 *   since is not, as far as it is still kept: by the backlog, by
 *   `retain_acked_messages` or by the retention of the topic.
 * - To a snapshot: unacknowledged is what the snapshot holds.
 * - A snapshot holds the backlog at its creation and all that is published to
 *   the topic from then on.
 *
 * A seek reads one small record per message kept and holds up other work while
 * it does, about a second for a million.
 */
export class Replay {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #references: References;
  readonly #lastLease: () => LeaseNumber;

  constructor(options: {
    store: BrokerStore;
    clock: Clock;
    registry: Registry;
    references: References;
    /** The newest lease that was given. */
    lastLease: () => LeaseNumber;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#registry = options.registry;
    this.#references = options.references;
    this.#lastLease = options.lastLease;
  }

  async seekToTime(name: string, timeMs: number): Promise<void> {
    const subscription = this.#registry.subscriptionInUse(name);
    await this.#references.exclusively(async () => {
      await this.#store.barrier();
      const { topic } = subscription.stored;
      const logId = this.#registry.hasTopic(topic)
        ? this.#registry.topic(topic).logId
        : undefined;
      await this.#seek(
        subscription,
        ({ publishTimeMs }) => publishTimeMs >= timeMs,
        logId === undefined ? [] : this.#store.referencesOf(logId),
      );
    });
  }

  /** @throws RpcError FAILED_PRECONDITION for a snapshot of another topic */
  async seekToSnapshot(name: string, snapshotName: string): Promise<void> {
    const subscription = this.#registry.subscriptionInUse(name);
    const snapshot = this.#registry.snapshot(snapshotName);
    if (
      snapshot.topic !== subscription.stored.topic ||
      snapshot.topic === DELETED_TOPIC
    ) {
      throw failedPrecondition(
        `The snapshot ${snapshotName} is not of the topic of ${name}`,
      );
    }
    await this.#references.exclusively(async () => {
      await this.#store.barrier();
      const held = [...this.#store.referencesOf(snapshot.id)];
      const sequences = new Set(held.map(({ sequence }) => sequence));
      await this.#seek(
        subscription,
        ({ sequence }) => sequences.has(sequence),
        held,
      );
    });
  }

  /**
   * @throws RpcError ALREADY_EXISTS, FAILED_PRECONDITION when the oldest message
   *   of the backlog would give the snapshot less than an hour to live
   */
  async createSnapshot(
    name: string,
    subscriptionName: string,
    labels: Record<string, string>,
  ): Promise<StoredSnapshot> {
    const subscription = this.#registry.subscriptionInUse(subscriptionName);
    const { topic } = subscription.stored;
    if (topic === DELETED_TOPIC) {
      throw failedPrecondition(`The topic of ${subscriptionName} was deleted`);
    }
    const createdAtMs = this.#clock.wallMs();
    const oldestMs = subscription.backlog.oldest?.publishTimeMs ?? createdAtMs;
    const expiresAtMs = Math.min(oldestMs, createdAtMs) + SNAPSHOT_LIFE_MS;
    if (expiresAtMs - createdAtMs < MIN_SNAPSHOT_LIFE_MS) {
      throw failedPrecondition(
        `The oldest unacknowledged message of ${subscriptionName} is so old that the snapshot would expire within an hour`,
      );
    }
    // From here on the snapshot gets what is published; what was published
    // before is in the backlog once the barrier is passed.
    const snapshot = this.#registry.addSnapshot({
      name,
      topic,
      labels,
      createdAtMs,
      expiresAtMs,
    });
    await this.#references.exclusively(() =>
      this.#fill(snapshot, subscription),
    );
    return snapshot;
  }

  /** Forgets what is kept for a seek only: the subscription no longer retains. */
  async dropAcknowledged(subscription: Subscription): Promise<void> {
    await this.#references.releaseWhere(
      subscription.stored.id,
      ({ state, sequence }) =>
        state === 'acknowledged' &&
        !subscription.stored.retainAckedMessages &&
        !subscription.backlog.has(sequence),
    );
  }

  async #fill(
    snapshot: StoredSnapshot,
    subscription: Subscription,
  ): Promise<void> {
    await this.#store.barrier();
    const already = new Set(
      Array.from(
        this.#store.referencesOf(snapshot.id),
        ({ sequence }) => sequence,
      ),
    );
    const backlog = [...subscription.backlog.messages()].filter(
      ({ sequence }) => !already.has(sequence),
    );
    backlog.forEach(({ sequence }) => this.#references.add(sequence));
    const nextId = this.#registry.nextHolderId;
    await this.#store.write(writer => {
      writer.putSnapshot(snapshot);
      writer.putNextHolderId(nextId);
      for (const { sequence, publishTimeMs, bytes } of backlog) {
        writer.putReference({
          holderId: snapshot.id,
          sequence,
          publishTimeMs,
          bytes,
          state: 'pending',
          failures: 0,
        });
      }
    });
  }

  /** Runs without a pause, so that nothing can happen in between. */
  #seek(
    subscription: Subscription,
    isWanted: Wanted,
    kept: Iterable<BacklogReference>,
  ): Promise<void> {
    // It may have been deleted or detached while the barrier was awaited.
    this.#registry.subscriptionInUse(subscription.stored.name);
    const { backlog, stored } = subscription;
    const isRetaining = stored.retainAckedMessages ?? false;
    const pending: BacklogReference[] = [];
    const changed: BacklogReference[] = [];
    const dropped: number[] = [];
    const known = new Set<number>();
    for (const reference of this.#store.referencesOf(stored.id)) {
      const { sequence, state } = reference;
      known.add(sequence);
      // What is in neither is on its way out already.
      const isOurs = backlog.has(sequence) || isRetaining;
      if (state === 'damaged' || !isOurs) {
        continue;
      }
      if (isWanted(reference)) {
        const again = { ...reference, state: 'pending' as const, failures: 0 };
        pending.push(again);
        changed.push(again);
      } else if (isRetaining) {
        changed.push({ ...reference, state: 'acknowledged' });
      } else {
        dropped.push(sequence);
      }
    }
    for (const reference of kept) {
      const adopted =
        !known.has(reference.sequence) && isWanted(reference)
          ? this.#adopt(subscription, reference)
          : undefined;
      if (adopted) {
        pending.push(adopted);
        changed.push(adopted);
      }
    }
    pending.sort((a, b) => a.sequence - b.sequence);
    const { epoch, lease } = this.#lastLease();
    subscription.stored = { ...stored, fence: { epoch, lease: lease + 1 } };
    backlog.replace(pending);
    subscription.dispatchSoon();
    const after = subscription.stored;
    const drop = this.#references.drop(stored.id, dropped);
    return this.#store.write(writer => {
      writer.putSubscription(after);
      changed.forEach(reference => writer.putReference(reference));
      drop(writer);
    });
  }

  /** A message only others kept becomes one of the subscription. */
  #adopt(
    { stored, wants }: Subscription,
    reference: BacklogReference,
  ): BacklogReference | undefined {
    const { sequence, publishTimeMs, bytes } = reference;
    const envelope = this.#store.readEnvelope(sequence);
    if (!envelope || !wants(envelope.attributes)) {
      return undefined;
    }
    this.#references.add(sequence);
    return {
      holderId: stored.id,
      sequence,
      publishTimeMs,
      bytes,
      state: 'pending',
      failures: 0,
      ...(stored.enableMessageOrdering && {
        orderingKey: envelope.orderingKey,
      }),
    };
  }
}

/** @throws RpcError INVALID_ARGUMENT for an expiry that cannot be */
export function checkSnapshotExpiry(
  snapshot: StoredSnapshot,
  expiresAtMs: number,
): void {
  const latestMs = snapshot.createdAtMs + SNAPSHOT_LIFE_MS;
  if (expiresAtMs > latestMs) {
    throw invalidArgument(
      'A snapshot expires at most 7 days after its creation',
    );
  }
}
