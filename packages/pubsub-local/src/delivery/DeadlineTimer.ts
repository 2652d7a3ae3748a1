import { type Clock } from '../clock';
import { Heap } from './heap';
import { type Lease, type PendingMessage } from './message';
import { type Subscription } from './Subscription';

const COMPACT_FROM = 4096;

interface Watched {
  atMs: number;
  subscription: Subscription;
  message: PendingMessage;
  lease: Lease;
}

/**
 * Tells of leases, and rests, whose deadline has passed.
 *
 * One timer and one heap for all subscriptions. Extending a lease only changes
 * its deadline: when its old entry comes up, the entry is filed again. Entries
 * of leases that ended early are dropped when they come up, or all at once when
 * they outnumber the live ones.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onExpired: (
    subscription: Subscription,
    message: PendingMessage,
  ) => void;
  readonly #heap = new Heap<Watched>((a, b) => a.atMs < b.atMs);
  #compactAt = COMPACT_FROM;
  #armed: { atMs: number; cancel: () => void } | undefined;

  /** `onExpired` must end the lease of the message. */
  constructor(options: {
    clock: Clock;
    onExpired: (subscription: Subscription, message: PendingMessage) => void;
  }) {
    this.#clock = options.clock;
    this.#onExpired = options.onExpired;
  }

  watch(subscription: Subscription, message: PendingMessage): void {
    const { lease } = message;
    if (!lease) {
      return;
    }
    this.#heap.push({ atMs: lease.deadlineMs, subscription, message, lease });
    if (this.#heap.size > this.#compactAt) {
      this.#heap.retain(isLive);
      this.#compactAt = Math.max(COMPACT_FROM, 2 * this.#heap.size);
    }
    this.#arm();
  }

  /** Moves a lease's deadline; a no-op for a message that is not leased. */
  move(
    subscription: Subscription,
    message: PendingMessage,
    deadlineMs: number,
  ): void {
    const { lease } = message;
    if (!lease) {
      return;
    }
    const isEarlier = deadlineMs < lease.deadlineMs;
    lease.deadlineMs = deadlineMs;
    if (isEarlier) {
      this.watch(subscription, message);
    }
  }

  stop(): void {
    this.#armed?.cancel();
    this.#armed = undefined;
  }

  #arm(): void {
    const next = this.#heap.peek();
    if (!next || (this.#armed && this.#armed.atMs <= next.atMs)) {
      return;
    }
    this.#armed?.cancel();
    const delayMs = Math.max(0, next.atMs - this.#clock.monotonicMs());
    this.#armed = {
      atMs: next.atMs,
      cancel: this.#clock.schedule(delayMs, () => {
        this.#armed = undefined;
        this.#expire();
        this.#arm();
      }),
    };
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (
      let next = this.#heap.peek();
      next && next.atMs <= nowMs;
      next = this.#heap.peek()
    ) {
      this.#heap.pop();
      if (isLive(next)) {
        if (next.lease.deadlineMs > nowMs) {
          this.#heap.push({ ...next, atMs: next.lease.deadlineMs });
        } else {
          this.#onExpired(next.subscription, next.message);
        }
      }
    }
  }
}

function isLive(watched: Watched): boolean {
  return watched.message.lease === watched.lease;
}
