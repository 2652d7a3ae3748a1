import {
  type BacklogReference,
  type BrokerStore,
  type StoreWriter,
} from '../store';

/**
 * How many holders (subscriptions, snapshots, logs of topics) each message has,
 * so that a message goes with its last reference. Only counts above one take
 * memory.
 */
export class References {
  readonly #store: BrokerStore;
  readonly #shared = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: BrokerStore) {
    this.#store = store;
  }

  /** The message is held by `count` holders. */
  set(sequence: number, count: number): void {
    if (count > 1) {
      this.#shared.set(sequence, count);
    }
  }

  /** One more holder of a message that has at least one. */
  add(sequence: number): void {
    this.#shared.set(sequence, (this.#shared.get(sequence) ?? 1) + 1);
  }

  /**
   * A holder is done with some messages.
   *
   * @returns what makes it durable, to be part of a transaction
   */
  drop(
    holderId: number,
    sequences: readonly number[],
  ): (writer: StoreWriter) => void {
    const unused = sequences.filter(
      sequence => this.#countDown(sequence) === 0,
    );
    return writer => {
      sequences.forEach(s => writer.removeReference(holderId, s));
      unused.forEach(s => writer.removeMessage(s));
    };
  }

  /** Makes it durable that a holder is done with some messages. */
  async release(holderId: number, sequences: readonly number[]): Promise<void> {
    if (sequences.length > 0) {
      await this.exclusively(() => this.#release(holderId, sequences));
    }
  }

  /**
   * Releases what a holder has, as far as `isDone`, in ascending order until
   * `isBeyond`.
   */
  async releaseWhere(
    holderId: number,
    isDone: (reference: BacklogReference) => boolean,
    isBeyond: (reference: BacklogReference) => boolean = () => false,
  ): Promise<void> {
    await this.exclusively(async () => {
      await this.#store.barrier();
      const done: number[] = [];
      for (const reference of this.#store.referencesOf(holderId)) {
        if (isBeyond(reference)) {
          break;
        }
        if (isDone(reference)) {
          done.push(reference.sequence);
        }
      }
      await this.#release(holderId, done);
    });
  }

  /** Removes stored messages nobody holds. */
  async removeUnheld(sequences: readonly number[]): Promise<void> {
    for (const part of parts(sequences)) {
      await this.#store.write(writer =>
        part.forEach(sequence => writer.removeMessage(sequence)),
      );
    }
  }

  /**
   * Runs one after the other what reads stored references to decide on them:
   * a change that takes several commits must not be seen half-way.
   */
  async exclusively<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const run = before.then(task, task);
    this.#last = run.catch(() => {});
    return run;
  }

  async #release(
    holderId: number,
    sequences: readonly number[],
  ): Promise<void> {
    for (const part of parts(sequences)) {
      await this.#store.write(this.drop(holderId, part));
    }
  }

  #countDown(sequence: number): number {
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
function* parts<T>(items: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < items.length; from += PART_SIZE) {
    yield items.slice(from, from + PART_SIZE);
  }
}
