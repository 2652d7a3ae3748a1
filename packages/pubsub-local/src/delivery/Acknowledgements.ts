import { type Clock } from '../clock';
import { invalidArgument } from '../errors';
import { type BrokerStore } from '../store';
import { type AckTarget, isBefore, parseAckId } from './ackId';
import { type DeadlineTimer } from './DeadlineTimer';
import { type PendingMessage } from './message';
import { type References } from './References';
import { type Subscription } from './Subscription';

export const MAX_ACK_DEADLINE_SECONDS = 600;

/** What became of ack ids. Only exactly-once delivery has any but `done`. */
export interface AckResult {
  done: string[];
  /** Malformed, expired or from before a restart: the message comes again. */
  invalid: string[];
  /** An earlier message of the ordering key is not acknowledged; try again. */
  unordered: string[];
}

/**
 * What receivers say about the messages they got.
 *
 * Without exactly-once delivery any ack id ever given for a message acknowledges
 * it, also one whose deadline has passed or that dates from before a restart:
 * its receiver has dealt with the message. Only the newest ack id can move the
 * deadline or give the message back, and only a seek takes the power of old ids.
 *
 * With exactly-once delivery an ack id is good while its lease is: every other
 * is refused, so that a confirmed acknowledgement is the only one.
 */
export class Acknowledgements {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #references: References;
  readonly #deadlines: DeadlineTimer;
  readonly #onReturned: (
    subscription: Subscription,
    message: PendingMessage,
  ) => void;

  /** `onReturned` is told of messages that receivers give back. */
  constructor(options: {
    store: BrokerStore;
    clock: Clock;
    references: References;
    deadlines: DeadlineTimer;
    onReturned: (subscription: Subscription, message: PendingMessage) => void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#references = options.references;
    this.#deadlines = options.deadlines;
    this.#onReturned = options.onReturned;
  }

  /**
   * Resolves when the removal is durable.
   *
   * @throws RpcError INVALID_ARGUMENT for a malformed ack id, without
   *   exactly-once delivery
   */
  async acknowledge(
    subscription: Subscription,
    ackIds: readonly string[],
  ): Promise<AckResult> {
    const { backlog, stored } = subscription;
    const isExactlyOnce = stored.enableExactlyOnceDelivery ?? false;
    const result: AckResult = { done: [], invalid: [], unordered: [] };
    const removed: PendingMessage[] = [];
    const targets = this.#targets(subscription, ackIds);
    // Those of one ordering key in their order, whatever the request's.
    targets.sort(
      (a, b) => (a.target?.sequence ?? 0) - (b.target?.sequence ?? 0),
    );
    for (const { ackId, target } of targets) {
      const message = target && backlog.get(target.sequence);
      if (!isExactlyOnce) {
        if (message && target && !this.#isFenced(subscription, target)) {
          removed.push(message);
          backlog.remove(message.sequence);
        }
        result.done.push(ackId);
      } else if (target && message && this.#isCurrent(message, target)) {
        if (backlog.isFirstOfKey(message)) {
          subscription.acknowledged.add(target.lease.lease);
          removed.push(message);
          backlog.remove(message.sequence);
          result.done.push(ackId);
        } else {
          result.unordered.push(ackId);
        }
      } else {
        const wasDone = target && this.#wasAcknowledged(subscription, target);
        (wasDone ? result.done : result.invalid).push(ackId);
      }
    }
    if (removed.length > 0) {
      subscription.dispatchSoon();
      await this.#remove(subscription, removed);
    }
    return result;
  }

  /**
   * Moves ack deadlines to `seconds` from now; 0 gives the messages back.
   *
   * @throws RpcError INVALID_ARGUMENT for seconds outside 0..600, and for a
   *   malformed ack id without exactly-once delivery
   */
  modifyDeadlines(
    subscription: Subscription,
    changes: readonly { ackId: string; seconds: number }[],
  ): AckResult {
    const isExactlyOnce =
      subscription.stored.enableExactlyOnceDelivery ?? false;
    const result: AckResult = { done: [], invalid: [], unordered: [] };
    for (const { seconds } of changes) {
      if (!(seconds >= 0 && seconds <= MAX_ACK_DEADLINE_SECONDS)) {
        throw invalidArgument(
          `An ack deadline is 0 to ${MAX_ACK_DEADLINE_SECONDS} seconds, not ${seconds}`,
        );
      }
    }
    const targets = this.#targets(
      subscription,
      changes.map(({ ackId }) => ackId),
    );
    targets.forEach(({ ackId, target }, index) => {
      const message = target && subscription.backlog.get(target.sequence);
      if (target && message && this.#isCurrent(message, target)) {
        this.#modifyDeadline(subscription, message, changes[index].seconds);
        result.done.push(ackId);
      } else {
        const isDone =
          !isExactlyOnce ||
          (target && this.#wasAcknowledged(subscription, target));
        (isDone ? result.done : result.invalid).push(ackId);
      }
    });
    subscription.dispatchSoon();
    return result;
  }

  #modifyDeadline(
    subscription: Subscription,
    message: PendingMessage,
    seconds: number,
  ): void {
    if (seconds === 0) {
      this.#onReturned(subscription, message);
    } else {
      const deadlineMs = this.#clock.monotonicMs() + seconds * 1000;
      this.#deadlines.move(subscription, message, deadlineMs);
    }
  }

  #remove(
    subscription: Subscription,
    messages: readonly PendingMessage[],
  ): Promise<void> {
    const { id, retainAckedMessages } = subscription.stored;
    if (!retainAckedMessages) {
      return this.#store.write(
        this.#references.drop(
          id,
          messages.map(({ sequence }) => sequence),
        ),
      );
    }
    return this.#store.write(writer => {
      for (const { sequence, publishTimeMs, bytes, ...rest } of messages) {
        writer.putReference({
          holderId: id,
          sequence,
          publishTimeMs,
          bytes,
          state: 'acknowledged',
          failures: 0,
          orderingKey: rest.orderingKey,
        });
      }
    });
  }

  /** The lease is the newest of the message and has not ended. */
  #isCurrent(message: PendingMessage, { lease }: AckTarget): boolean {
    return (
      lease.epoch === this.#store.epoch &&
      message.lease !== undefined &&
      message.lease.number === lease.lease &&
      // The timer that ends it may be late.
      message.lease.deadlineMs > this.#clock.monotonicMs()
    );
  }

  #wasAcknowledged(subscription: Subscription, { lease }: AckTarget): boolean {
    return (
      lease.epoch === this.#store.epoch &&
      subscription.acknowledged.has(lease.lease)
    );
  }

  #isFenced({ stored }: Subscription, { lease }: AckTarget): boolean {
    return stored.fence !== undefined && isBefore(lease, stored.fence);
  }

  /** What each ack id stands for; nothing for one of another subscription. */
  #targets(
    subscription: Subscription,
    ackIds: readonly string[],
  ): { ackId: string; target: AckTarget | undefined }[] {
    const { id, enableExactlyOnceDelivery } = subscription.stored;
    return ackIds.map(ackId => {
      const target = parseAckId(this.#store.storeId, ackId);
      if (target === 'malformed' && !enableExactlyOnceDelivery) {
        throw invalidArgument(`Malformed ack id: ${ackId.slice(0, 60)}`);
      }
      const isOurs =
        target !== 'malformed' &&
        target !== 'foreign' &&
        target.subscriptionId === id;
      return { ackId, target: isOurs ? target : undefined };
    });
  }
}
