import { KeyQueue } from './KeyQueue';
import { OpenQueue } from './OpenQueue';
import { type BacklogEntry, type Lease, type PendingMessage } from './message';

/** Stands for every receiver. */
const ANYONE = {};

/**
 * The unacknowledged messages of one subscription, in memory.
 *
 * Open messages come out oldest first. Of the messages of one ordering key only
 * the next is open, to anyone while none is leased, else to whoever has those
 * before it (see KeyQueue).
 */
export class Backlog {
  readonly #pending = new Map<number, PendingMessage>();
  readonly #keys = new Map<string, KeyQueue>();
  #shared = new OpenQueue();
  #owned = new WeakMap<object, OpenQueue>();
  #lastPublishTimeMs = -Infinity;
  #isInTimeOrder = true;

  /** Unacknowledged messages, leased ones included. */
  get size(): number {
    return this.#pending.size;
  }

  /** Messages any receiver may take. */
  get available(): number {
    return this.#shared.size;
  }

  /** Messages this receiver may take. */
  availableTo(receiver: object): number {
    return this.#shared.size + (this.#owned.get(receiver)?.size ?? 0);
  }

  /** The message that was published first, whether leased or not. */
  get oldest(): PendingMessage | undefined {
    if (this.#isInTimeOrder) {
      // Messages are added in ascending order and a Map keeps that order.
      return this.#pending.values().next().value;
    }
    // The wall clock went back at some time; rare enough to look at them all.
    let oldest: PendingMessage | undefined;
    for (const message of this.#pending.values()) {
      if (!oldest || message.publishTimeMs < oldest.publishTimeMs) {
        oldest = message;
      }
    }
    return oldest;
  }

  /** Sequences must be added in ascending order. */
  add(entry: BacklogEntry): void {
    if (this.#pending.size === 0) {
      this.#isInTimeOrder = true;
    } else if (entry.publishTimeMs < this.#lastPublishTimeMs) {
      this.#isInTimeOrder = false;
    }
    this.#lastPublishTimeMs = entry.publishTimeMs;
    const message: PendingMessage = {
      sequence: entry.sequence,
      publishTimeMs: entry.publishTimeMs,
      bytes: entry.bytes,
      orderingKey: entry.orderingKey,
      failures: entry.failures,
      lease: undefined,
      openTo: undefined,
    };
    this.#pending.set(message.sequence, message);
    const queue = this.#queueOf(message);
    if (queue) {
      queue.add(message.sequence);
      this.#openHead(queue);
    } else {
      this.#open(message, ANYONE);
    }
  }

  has(sequence: number): boolean {
    return this.#pending.has(sequence);
  }

  get(sequence: number): PendingMessage | undefined {
    return this.#pending.get(sequence);
  }

  /** All unacknowledged messages, ascending. */
  messages(): Iterable<PendingMessage> {
    return this.#pending.values();
  }

  /** True when no earlier message of its ordering key is unacknowledged. */
  isFirstOfKey(message: PendingMessage): boolean {
    return (
      message.orderingKey === undefined ||
      this.#keys.get(message.orderingKey)?.sequences[0] === message.sequence
    );
  }

  /** The message `lease` would give next. */
  next(receiver: object): PendingMessage | undefined {
    const shared = this.#shared.peek(s => this.#isOpen(s, ANYONE));
    const owned = this.#owned
      .get(receiver)
      ?.peek(s => this.#isOpen(s, receiver));
    const sequence = Math.min(shared ?? Infinity, owned ?? Infinity);
    return this.#pending.get(sequence);
  }

  /** The next message to deliver, leased; `undefined` when none is open. */
  lease(lease: Lease, receiver: object): PendingMessage | undefined {
    const message = this.next(receiver);
    if (message) {
      this.#shut(message);
      message.lease = lease;
      lease.holder?.leased(message.bytes);
      const queue = this.#queueOf(message);
      if (queue) {
        queue.take(receiver);
        this.#openHead(queue);
      }
    }
    return message;
  }

  /** Ends a lease: the message, and later ones of its key, are open again. */
  giveBack(message: PendingMessage): void {
    if (!message.lease) {
      return;
    }
    this.#endLease(message);
    const queue = this.#queueOf(message);
    if (queue) {
      this.#takeBack(queue, message);
      this.#openHead(queue);
    } else {
      this.#open(message, ANYONE);
    }
  }

  /** Ends a lease, but the message is not open before `rest` has ended. */
  rest(message: PendingMessage, rest: Lease): void {
    if (!message.lease) {
      return;
    }
    this.#endLease(message);
    const queue = this.#queueOf(message);
    if (queue) {
      this.#takeBack(queue, message);
      queue.rest(message.sequence);
      this.#openHead(queue);
    }
    message.lease = rest;
  }

  /** The message is done with; `false` when it was already gone. */
  remove(sequence: number): boolean {
    const message = this.#pending.get(sequence);
    if (!message) {
      return false;
    }
    this.#shut(message);
    const queue = this.#queueOf(message);
    this.#pending.delete(sequence);
    this.#endLease(message);
    if (queue) {
      queue.remove(sequence);
      if (queue.sequences.length > 0) {
        this.#openHead(queue);
      } else if (message.orderingKey !== undefined) {
        this.#keys.delete(message.orderingKey);
      }
    }
    return true;
  }

  /** Holds other messages from now on; all leases end. */
  replace(entries: Iterable<BacklogEntry>): void {
    const before = [...this.#pending.values()];
    this.#pending.clear();
    this.#keys.clear();
    this.#shared = new OpenQueue();
    this.#owned = new WeakMap();
    for (const entry of entries) {
      this.add(entry);
    }
    before.forEach(message => this.#endLease(message));
  }

  #queueOf({ orderingKey }: PendingMessage): KeyQueue | undefined {
    if (orderingKey === undefined) {
      return undefined;
    }
    let queue = this.#keys.get(orderingKey);
    if (!queue) {
      queue = new KeyQueue();
      this.#keys.set(orderingKey, queue);
    }
    return queue;
  }

  /** The deadline timer may still know the message; it must find no lease. */
  #endLease(message: PendingMessage): void {
    const { lease } = message;
    message.lease = undefined;
    lease?.holder?.released(message.bytes);
  }

  #takeBack(queue: KeyQueue, message: PendingMessage): void {
    for (const sequence of queue.takeBack(message.sequence)) {
      const later = this.#pending.get(sequence);
      if (later) {
        this.#endLease(later);
      }
    }
  }

  /** Opens the next message of a key, to whom it may go now. */
  #openHead(queue: KeyQueue): void {
    const { head, owner = ANYONE } = queue;
    const open =
      queue.open === undefined ? undefined : this.#pending.get(queue.open);
    if (open && (open.sequence !== head || open.openTo !== owner)) {
      this.#shut(open);
    }
    queue.open = head;
    const message = head === undefined ? undefined : this.#pending.get(head);
    if (message && !message.openTo) {
      this.#open(message, owner);
    }
  }

  #open(message: PendingMessage, to: object): void {
    message.openTo = to;
    const queue = this.#openQueue(to);
    queue.push(message.sequence);
    queue.size++;
  }

  #shut(message: PendingMessage): void {
    if (message.openTo) {
      this.#openQueue(message.openTo).size--;
      message.openTo = undefined;
    }
  }

  #openQueue(of: object): OpenQueue {
    if (of === ANYONE) {
      return this.#shared;
    }
    let queue = this.#owned.get(of);
    if (!queue) {
      queue = new OpenQueue();
      this.#owned.set(of, queue);
    }
    return queue;
  }

  #isOpen(sequence: number, to: object): boolean {
    return this.#pending.get(sequence)?.openTo === to;
  }
}
