import { Backoff, backoffMs, pause } from '../backoff';

/** What the loop needs to know of a broker message. @internal */
export interface HeldMessage {
  id: string;
  data: Buffer;
  ack(): void;
}

/** @internal */
export interface FlushLoopOptions<M extends HeldMessage> {
  /**
   * Makes messages durable and says by `done` which are finished. It may finish
   * some and then throw: those it did not finish are offered again.
   */
  flush: (messages: M[], done: (message: M) => void) => Promise<void>;
  /** Flush as soon as this much is held. */
  maxBytes: number;
  /** Flush at the latest so long after a message came. */
  maxDelayMs: number;
  backoff: Backoff;
  onError: (error: unknown, retryMs: number) => void;
}

/**
 * Collects the messages of one subscription and flushes them together.
 *
 * Guarantees: a message is acknowledged only after its flush; flushes of one
 * loop never overlap; while flushing fails the messages stay here, unacked, and
 * are tried again with growing pauses. They are not given back to the broker,
 * which would deliver them again at once and keep both sides busy without any
 * useful work; the client extends their deadlines, and flow control bounds how
 * many there are. When the client gives one up after all and the broker
 * redelivers it, the newer delivery takes the place of the older.
 *
 * @internal
 */
export class FlushLoop<M extends HeldMessage> {
  private readonly held = new Map<string, M>();
  private heldBytes = 0;
  private readonly stopping = new AbortController();
  private wake: () => void = () => {};
  private readonly ended: Promise<void>;

  constructor(private readonly options: FlushLoopOptions<M>) {
    this.ended = this.run();
  }

  /** Takes a message. After `stop` it is left unacknowledged. */
  offer(message: M): void {
    if (this.stopping.signal.aborted) {
      return;
    }
    const older = this.held.get(message.id);
    this.heldBytes += message.data.length - (older?.data.length ?? 0);
    this.held.set(message.id, message);
    this.wake();
  }

  /**
   * Flushes what is held, once, and ends. What cannot be flushed now stays
   * unacknowledged and comes again.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.ended;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { maxBytes, maxDelayMs, backoff, onError } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      await this.waitUntil(() => this.held.size > 0);
      await this.waitUntil(() => this.heldBytes >= maxBytes, maxDelayMs);
      if (signal.aborted) {
        break;
      }
      try {
        await this.flushSome();
        failures = 0;
      } catch (error) {
        failures += 1;
        const retryMs = backoffMs(failures, backoff);
        onError(error, retryMs);
        await pause(retryMs, signal);
      }
    }
    try {
      while (this.held.size > 0) {
        await this.flushSome();
      }
    } catch (error) {
      onError(error, 0);
    }
  }

  /** Waits until enough is held, or long enough, or the loop stops. */
  private waitUntil(isEnough: () => boolean, maxMs?: number): Promise<void> {
    return new Promise(resolve => {
      const timer =
        maxMs === undefined ? undefined : setTimeout(resolve, maxMs);
      this.wake = () => {
        if (this.stopping.signal.aborted || isEnough()) {
          clearTimeout(timer);
          resolve();
        }
      };
      this.wake();
    });
  }

  private async flushSome(): Promise<void> {
    const messages: M[] = [];
    let bytes = 0;
    for (const message of this.held.values()) {
      if (
        messages.length > 0 &&
        bytes + message.data.length > this.options.maxBytes
      ) {
        break;
      }
      messages.push(message);
      bytes += message.data.length;
    }
    const unfinished = new Set(messages.map(message => message.id));
    await this.options.flush(messages, message => {
      unfinished.delete(message.id);
      this.release(message);
    });
    if (unfinished.size > 0) {
      throw new Error(`${unfinished.size} messages were left unfinished`);
    }
  }

  private release(message: M): void {
    const newest = this.held.get(message.id);
    if (newest && newest !== message) {
      newest.ack();
    }
    if (newest) {
      this.held.delete(message.id);
      this.heldBytes -= newest.data.length;
    }
    message.ack();
  }
}
