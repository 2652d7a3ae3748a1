import { type BrokerStore } from '../store';

/**
 * How many subscriptions still hold each message, so that a message goes with
 * its last reference. Only counts above one take memory.
 */
export class References {
  readonly #store: BrokerStore;
  readonly #shared = new Map<number, number>();

  constructor(store: BrokerStore) {
    this.#store = store;
  }

  /** Each of the messages is held by `count` subscriptions. */
  add(sequences: readonly number[], count: number): void {
    if (count > 1) {
      sequences.forEach(sequence => this.#shared.set(sequence, count));
    }
  }

  /** Makes it durable that a subscription is done with some messages. */
  release(subscriptionId: number, sequences: readonly number[]): Promise<void> {
    const unused = sequences.filter(sequence => this.#drop(sequence) === 0);
    return this.#store.write(writer => {
      sequences.forEach(s => writer.removeReference(subscriptionId, s));
      unused.forEach(s => writer.removeMessage(s));
    });
  }

  #drop(sequence: number): number {
    const left = (this.#shared.get(sequence) ?? 1) - 1;
    if (left > 1) {
      this.#shared.set(sequence, left);
    } else {
      this.#shared.delete(sequence);
    }
    return left;
  }
}

/** Removals per commit where there may be very many. */
const PART_SIZE = 1000;

/** Cuts a list that may be very long into pieces for one commit each. */
export function* parts<T>(items: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < items.length; from += PART_SIZE) {
    yield items.slice(from, from + PART_SIZE);
  }
}
