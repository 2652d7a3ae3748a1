import { type StoredSubscription } from '../store';
import { type RpcError } from '../errors';
import { AcknowledgedLeases } from './AcknowledgedLeases';
import { Backlog } from './Backlog';
import { type Consumer, type Delivery, shareOut } from './consumer';
import { type MessageFilter, parseFilter } from './filter';

/** A message that could not be read and is kept aside until its retention. */
export interface DamagedMessage {
  sequence: number;
  publishTimeMs: number;
}

/** A subscription at work: its backlog and whoever receives from it. */
export class Subscription {
  stored: StoredSubscription;
  /** Whether the subscription wants a message; its filter never changes. */
  readonly wants: MessageFilter;
  readonly backlog = new Backlog();
  readonly acknowledged = new AcknowledgedLeases();
  damaged: DamagedMessage[] = [];
  /** On the monotonic clock. */
  lastUsedMs = 0;
  readonly #take: TakeMessages;
  readonly #waiting = new Set<() => void>();
  #consumers: Consumer[] = [];
  #turn = 0;
  #isDispatchQueued = false;

  constructor(stored: StoredSubscription, take: TakeMessages) {
    this.stored = stored;
    this.wants = parseFilter(stored.filter ?? '');
    this.#take = take;
  }

  /** True while a stream is open. */
  get isConnected(): boolean {
    return this.#consumers.length > 0;
  }

  attach(consumer: Consumer): void {
    this.#consumers = [...this.#consumers, consumer];
    this.dispatchSoon();
  }

  /** What the consumer holds stays leased until it answers or expires. */
  detach(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter(other => other !== consumer);
  }

  /** Hands out what is available, once per turn however often it is called. */
  dispatchSoon(): void {
    if (!this.#isDispatchQueued) {
      this.#isDispatchQueued = true;
      queueMicrotask(() => {
        this.#isDispatchQueued = false;
        this.#dispatch();
      });
    }
  }

  /** Resolves when a message may be available, or when `signal` aborts. */
  async available(signal: AbortSignal): Promise<void> {
    if (this.backlog.available > 0 || signal.aborted) {
      return;
    }
    await new Promise<void>(resolve => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  /** Other settings hold from now on. */
  change(stored: StoredSubscription): void {
    this.stored = stored;
    this.#consumers.forEach(consumer => consumer.subscriptionChanged());
  }

  end(error: RpcError): void {
    this.#consumers.forEach(consumer => consumer.end(error));
    this.#consumers = [];
    this.#waiting.forEach(wake => wake());
  }

  #dispatch(): void {
    shareOut({
      availableTo: consumer => this.backlog.availableTo(consumer),
      consumers: this.#consumers,
      startAt: this.#turn++,
      take: (consumer, limits) =>
        this.#take(this, {
          ...limits,
          ackDeadlineSeconds: consumer.ackDeadlineSeconds(),
          holder: consumer,
        }),
    });
    if (this.backlog.available > 0) {
      const [wake] = this.#waiting;
      wake?.();
    }
  }
}

export interface TakeOptions {
  maxMessages: number;
  /** The first message is taken whatever its size. */
  maxBytes: number;
  ackDeadlineSeconds: number;
  holder?: Consumer;
}

export type TakeMessages = (
  subscription: Subscription,
  options: TakeOptions,
) => Delivery[];
