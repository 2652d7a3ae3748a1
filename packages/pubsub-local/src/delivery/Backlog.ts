import { Heap } from './heap';

/** Whoever received a message and has not answered for it yet. */
export interface LeaseHolder {
  /** The message is on its way to the holder. */
  leased(bytes: number): void;
  /** The message is acknowledged, given back or expired. */
  released(bytes: number): void;
}

/** The time one receiver has to acknowledge one message. */
export interface Lease {
  /** On the monotonic clock. */
  deadlineMs: number;
  readonly holder: LeaseHolder | undefined;
}

/** A message one subscription has not acknowledged. */
export interface PendingMessage {
  readonly sequence: number;
  readonly publishTimeMs: number;
  readonly bytes: number;
  /** Deliveries since the broker started. */
  attempts: number;
  lease: Lease | undefined;
  /** Damaged on disk: kept and counted, never delivered. */
  isWithheld: boolean;
}

/**
 * The unacknowledged messages of one subscription, in memory.
 *
 * A message is either available, leased or withheld. Available ones come out
 * oldest first, those that were given back before those never delivered. The
 * queues may name messages that have since been acknowledged; these are skipped
 * on the way out instead of being searched for.
 */
export class Backlog {
  readonly #pending = new Map<number, PendingMessage>();
  readonly #returned = new Heap<number>((a, b) => a < b);
  #fresh: number[] = [];
  #freshHead = 0;
  #available = 0;

  /** Unacknowledged messages, leased ones included. */
  get size(): number {
    return this.#pending.size;
  }

  get available(): number {
    return this.#available;
  }

  /** The message that has waited longest, whether leased or not. */
  get oldest(): PendingMessage | undefined {
    // Sequences are added in ascending order and a Map keeps that order.
    return this.#pending.values().next().value;
  }

  /** Sequences must be added in ascending order. */
  add(message: {
    sequence: number;
    publishTimeMs: number;
    bytes: number;
  }): void {
    this.#pending.set(message.sequence, {
      ...message,
      attempts: 0,
      lease: undefined,
      isWithheld: false,
    });
    this.#fresh.push(message.sequence);
    this.#available++;
  }

  get(sequence: number): PendingMessage | undefined {
    return this.#pending.get(sequence);
  }

  /** Sequences of all unacknowledged messages. */
  sequences(): Iterable<number> {
    return this.#pending.keys();
  }

  /** The next message to deliver, leased; `undefined` when none is available. */
  lease(lease: Lease): PendingMessage | undefined {
    const message = this.#next();
    if (message) {
      message.attempts++;
      message.lease = lease;
      this.#available--;
      lease.holder?.leased(message.bytes);
    }
    return message;
  }

  /** Bytes of the message `lease` would give next. */
  nextBytes(): number | undefined {
    this.#dropStale();
    const sequence = this.#head();
    return sequence === undefined
      ? undefined
      : this.#pending.get(sequence)?.bytes;
  }

  /** Ends a lease: the message is available again. */
  giveBack(message: PendingMessage): void {
    const { lease } = message;
    if (lease) {
      message.lease = undefined;
      this.#returned.push(message.sequence);
      this.#available++;
      lease.holder?.released(message.bytes);
    }
  }

  /** Takes a leased message out of delivery, but not out of the backlog. */
  withhold(message: PendingMessage): void {
    const { lease } = message;
    message.lease = undefined;
    message.isWithheld = true;
    lease?.holder?.released(message.bytes);
  }

  /** The message is done with; `false` when it was already gone. */
  remove(sequence: number): boolean {
    const message = this.#pending.get(sequence);
    if (!message) {
      return false;
    }
    this.#pending.delete(sequence);
    if (isAvailable(message)) {
      this.#available--;
    }
    const { lease } = message;
    // The deadline timer still knows the message; it must find no lease.
    message.lease = undefined;
    lease?.holder?.released(message.bytes);
    return true;
  }

  #next(): PendingMessage | undefined {
    this.#dropStale();
    const sequence = this.#head();
    if (sequence === undefined) {
      return undefined;
    }
    if (this.#returned.peek() === sequence) {
      this.#returned.pop();
    } else {
      this.#freshHead++;
    }
    return this.#pending.get(sequence);
  }

  #head(): number | undefined {
    return this.#returned.peek() ?? this.#fresh[this.#freshHead];
  }

  #dropStale(): void {
    while (this.#returned.size > 0 && this.#isStale(this.#returned.peek())) {
      this.#returned.pop();
    }
    while (
      this.#freshHead < this.#fresh.length &&
      this.#isStale(this.#fresh[this.#freshHead])
    ) {
      this.#freshHead++;
    }
    if (this.#freshHead > 1024 && this.#freshHead * 2 > this.#fresh.length) {
      this.#fresh = this.#fresh.slice(this.#freshHead);
      this.#freshHead = 0;
    }
  }

  #isStale(sequence: number | undefined): boolean {
    const message =
      sequence === undefined ? undefined : this.#pending.get(sequence);
    return message === undefined || !isAvailable(message);
  }
}

function isAvailable(message: PendingMessage): boolean {
  return message.lease === undefined && !message.isWithheld;
}
