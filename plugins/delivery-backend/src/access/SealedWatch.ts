import { ServiceUnavailableError } from '@backstage/errors';
import {
  type BucketKey,
  findSealedPartitions,
  type SealedPartitionRecord,
} from '@millrace/ledger';
import type { Knex } from 'knex';

/** How late a waiting reader hears of a sealing, at most, beside the query. */
const POLL_MS = 500;

const BUCKETS_PER_QUERY = 1_000;
const MAX_WAITING = 10_000;

interface Waiter {
  name: string;
  key: BucketKey;
  /** Whether the ledger was asked since it came. */
  isAnswered: boolean;
  isDue: boolean;
  deadline?: NodeJS.Timeout;
  settle(outcome: Outcome): void;
}

type Outcome =
  | { found: SealedPartitionRecord | undefined }
  | { error: unknown };

/**
 * Tells readers when a partition is sealed.
 *
 * A waiting reader costs a map entry and a timer, and no connection of the
 * database: while anybody waits, the ledger is asked twice a second about all
 * awaited buckets together, in one statement per thousand *buckets*, however
 * many readers there are; readers that arrive at the same time are asked for
 * together too. So a thousand readers of one bucket cost as much as one. It
 * asks instead of listening for notifications because it then also works
 * through a pooler, and after a failover without anybody noticing.
 *
 * While the ledger is away, readers that wait go on waiting. One whose time is
 * up before it is back is told of the failure, and not that nothing is sealed.
 */
export class SealedWatch {
  readonly #ledger: Knex;
  readonly #pollMs: number;
  readonly #maxWaiting: number;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  /** The timer is for those that came just now. */
  #isUrgent = false;
  #isAsking = false;
  #isClosed = false;
  #lastError: unknown;

  constructor(options: { ledger: Knex; pollMs?: number; maxWaiting?: number }) {
    this.#ledger = options.ledger;
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
  }

  /** Readers that wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * The current revision of a bucket, as soon as it is sealed; `undefined` when
   * it is not within `waitMs`, when the signal says that nobody wants to know
   * any more, or when the watch is closed. With 0 it looks once.
   *
   * @throws ServiceUnavailableError when too many wait; what the ledger throws
   */
  async find(
    key: BucketKey,
    options: { waitMs: number; signal: AbortSignal },
  ): Promise<SealedPartitionRecord | undefined> {
    if (this.#waiters.size >= this.#maxWaiting) {
      throw new ServiceUnavailableError(
        `${
          this.#maxWaiting
        } readers are waiting here already; try again in a minute`,
      );
    }
    const { waitMs, signal } = options;
    if (signal.aborted || this.#isClosed) {
      return undefined;
    }
    const waiters = this.#waiters;
    const outcome = await new Promise<Outcome>(resolve => {
      const waiter: Waiter = {
        name: nameOf(key),
        key,
        isAnswered: false,
        isDue: waitMs === 0,
        settle,
      };
      waiter.deadline = setTimeout(() => {
        waiter.isDue = true;
        if (waiter.isAnswered) {
          settle(this.#nothing());
        }
      }, waitMs);
      function settle(given: Outcome): void {
        waiters.delete(waiter);
        clearTimeout(waiter.deadline);
        signal.removeEventListener('abort', onAbort);
        resolve(given);
      }
      function onAbort(): void {
        settle({ found: undefined });
      }
      signal.addEventListener('abort', onAbort);
      waiters.add(waiter);
      // After those that arrive in the same moment.
      this.#schedule(0);
    });
    if ('error' in outcome) {
      throw outcome.error;
    }
    return outcome.found;
  }

  /** Lets all readers go. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiters]) {
      waiter.settle({ found: undefined });
    }
  }

  #nothing(): Outcome {
    return this.#lastError === undefined
      ? { found: undefined }
      : { error: this.#lastError };
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed || this.#isAsking || this.#waiters.size === 0) {
      return;
    }
    if (this.#isUrgent) {
      // Not put off by those that keep coming.
      return;
    }
    clearTimeout(this.#timer);
    this.#isUrgent = delayMs === 0;
    this.#timer = setTimeout(() => {
      this.#isUrgent = false;
      this.#ask().catch(() => {});
    }, delayMs);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const asked = [...this.#waiters];
    let outcomes: Map<string, SealedPartitionRecord> | undefined;
    try {
      outcomes = await this.#look(asked);
      this.#lastError = undefined;
    } catch (error) {
      this.#lastError = error;
    }
    for (const waiter of asked) {
      const found = outcomes?.get(waiter.name);
      if (found) {
        waiter.settle({ found });
      } else if (waiter.isDue || (!outcomes && !waiter.isAnswered)) {
        waiter.settle(this.#nothing());
      } else {
        waiter.isAnswered = true;
      }
    }
    this.#isAsking = false;
    const hasNew = [...this.#waiters].some(({ isAnswered }) => !isAnswered);
    this.#schedule(hasNew ? 0 : this.#pollMs);
  }

  async #look(waiters: Waiter[]): Promise<Map<string, SealedPartitionRecord>> {
    const keys = [
      ...new Map(waiters.map(({ name, key }) => [name, key])).values(),
    ];
    const found = new Map<string, SealedPartitionRecord>();
    for (let from = 0; from < keys.length; from += BUCKETS_PER_QUERY) {
      const buckets = keys.slice(from, from + BUCKETS_PER_QUERY);
      for (const record of await findSealedPartitions(this.#ledger, {
        buckets,
      })) {
        found.set(nameOf(record), record);
      }
    }
    return found;
  }
}

function nameOf({ eventType, bucketStart }: BucketKey): string {
  return `${eventType} ${bucketStart.getTime()}`;
}
