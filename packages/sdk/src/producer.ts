import { uuidv7 } from 'uuidv7';
import { BufferedEvent, encodeEvent, EventBuffer } from './buffer';
import { ProducerError } from './errors';
import { ProducerOptions, resolveOptions, ResolvedOptions } from './options';
import { BackOff, Failure } from './retry';
import { Outcome, postEvents } from './transport';
import { DeliveryProblem, EventInput, Producer, Verdict } from './types';

/*
 * How a producer works
 *
 * An event is written as JSON once and buffered. Batches leave when they are
 * full, when their oldest event has waited `flushIntervalMs`, or on `flush`.
 * An event leaves the buffer only with a verdict from the gateway or, at
 * `close`, without one and with an error that says so. After a failure the
 * whole producer backs off, then tries with one request at a time until one
 * succeeds.
 *
 * Guarantees: every `send` settles exactly once; the id, sequence number and
 * bytes of an event are equal in all its attempts; "accepted" is said only
 * after a reply of the gateway that says so. The buffer is memory: what it
 * holds does not survive the process.
 */

const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

/** A callback that throws must not stop delivery, nor be silenced. */
function notify<T>(callback: (value: T) => void, value: T): void {
  try {
    callback(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

class DefaultProducer implements Producer {
  readonly producer: string;
  readonly epoch = uuidv7();

  private readonly buffer: EventBuffer;
  private readonly backOff: BackOff;
  private readonly aborter = new AbortController();
  /** Buffered or under way, by sequence number. */
  private readonly unsettled = new Map<number, BufferedEvent>();
  private unsettledBytes = 0;
  private lastSequence = 0;
  private activeRequests = 0;
  private cancelTimer: () => void = () => {};
  private quietListeners: { sequence: number; callback: () => void }[] = [];
  private closing: Promise<void> | undefined;
  private isStopped = false;
  private lastError: ProducerError | undefined;
  private readonly counters = {
    sent: 0,
    accepted: 0,
    refused: 0,
    gaveUp: 0,
    droppedBufferFull: 0,
    requests: 0,
    failedRequests: 0,
  };

  constructor(private readonly options: ResolvedOptions) {
    this.producer = options.producer;
    this.buffer = new EventBuffer(options);
    this.backOff = new BackOff({
      ...options.retry,
      clock: options.clock,
      random: options.random,
    });
  }

  async send(input: EventInput): Promise<Verdict> {
    if (this.closing) {
      throw new ProducerError('closed', 'The producer is closed');
    }
    const { source, maxBufferedEvents, maxBufferedBytes } = this.options;
    const sequence = this.lastSequence + 1;
    const { producer, epoch } = this;
    const event = encodeEvent(input, { source, producer, epoch, sequence });
    if (
      this.unsettled.size >= maxBufferedEvents ||
      this.unsettledBytes + event.bytes > maxBufferedBytes
    ) {
      this.counters.droppedBufferFull += 1;
      throw new ProducerError(
        'buffer_full',
        `The buffer is full: ${this.unsettled.size} events (${this.unsettledBytes} bytes) wait for a verdict`,
        { cause: this.lastError },
      );
    }
    // The sequence number is used up only now: an event that was not taken
    // must not look like one that was lost.
    this.lastSequence = sequence;
    this.counters.sent += 1;
    return new Promise((resolve, reject) => {
      const buffered: BufferedEvent = {
        ...event,
        sequence,
        bufferedAt: this.options.clock.now(),
        resolve,
        reject,
      };
      this.unsettled.set(sequence, buffered);
      this.unsettledBytes += event.bytes;
      this.buffer.add(buffered);
      this.pump();
    });
  }

  async flush(): Promise<void> {
    const through = this.lastSequence;
    this.buffer.flushUpTo(through);
    this.pump();
    if (!this.isQuietUpTo(through)) {
      await new Promise<void>(callback => {
        this.quietListeners.push({ sequence: through, callback });
      });
    }
  }

  close(options: { timeoutMs?: number } = {}): Promise<void> {
    this.closing ??= this.stop(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.closing;
  }

  stats() {
    return {
      ...this.counters,
      buffered: this.unsettled.size,
      bufferedBytes: this.unsettledBytes,
    };
  }

  private async stop(timeoutMs: number): Promise<void> {
    // Whatever the wait was for, this is the last chance to be heard.
    this.backOff.hurry();
    let cancelDeadline = () => {};
    const deadline = new Promise<void>(resolve => {
      cancelDeadline = this.options.clock.schedule(resolve, timeoutMs);
    });
    await Promise.race([this.flush(), deadline]);
    cancelDeadline();
    this.isStopped = true;
    this.cancelTimer();
    this.aborter.abort(new Error('The producer was closed'));
    this.buffer.clear();
    for (const event of [...this.unsettled.values()]) {
      this.counters.gaveUp += 1;
      this.settle(event);
      event.reject(
        new ProducerError(
          'gave_up',
          `The producer was closed before the gateway answered${
            this.lastError ? `; last problem: ${this.lastError.message}` : ''
          }`,
          { cause: this.lastError },
        ),
      );
    }
  }

  /** Sends what may leave now and sets the timer for what may leave later. */
  private pump(): void {
    this.cancelTimer();
    this.cancelTimer = () => {};
    if (this.isStopped) {
      return;
    }
    const { clock, maxConcurrentRequests } = this.options;
    const now = clock.now();
    for (;;) {
      const allowed = this.backOff.isCautious ? 1 : maxConcurrentRequests;
      if (this.activeRequests >= allowed) {
        return; // The end of a request pumps again.
      }
      const dueAt = this.buffer.dueAt();
      if (dueAt === undefined) {
        return;
      }
      const leavesAt = Math.max(dueAt, this.backOff.nextAt);
      const batch = leavesAt <= now ? this.buffer.take(now) : undefined;
      if (!batch) {
        this.cancelTimer = clock.schedule(() => this.pump(), leavesAt - now);
        return;
      }
      void this.deliver(batch);
    }
  }

  private async deliver(batch: BufferedEvent[]): Promise<void> {
    this.activeRequests += 1;
    this.counters.requests += 1;
    const outcome = await postEvents(batch, this.options, this.aborter.signal);
    this.activeRequests -= 1;
    if (!this.isStopped) {
      this.apply(batch, outcome);
      this.pump();
    }
  }

  private apply(batch: BufferedEvent[], outcome: Outcome): void {
    switch (outcome.kind) {
      case 'answered': {
        batch.forEach((event, index) => {
          this.give(event, outcome.verdicts[index]);
        });
        const rest = batch.filter((_, index) => !outcome.verdicts[index]);
        if (rest.length === 0) {
          this.backOff.succeeded();
        } else {
          const error = new ProducerError(
            'unavailable',
            'The gateway could not store some of the events',
          );
          this.retry(rest, { ...outcome, error });
        }
        break;
      }
      case 'unusable': {
        // The gateway is well and has read the request.
        this.backOff.succeeded();
        if (batch.length === 1) {
          const { reason, message } = outcome;
          const { id } = batch[0];
          this.give(batch[0], { status: 'refused', id, reason, message });
        } else {
          const middle = Math.ceil(batch.length / 2);
          this.buffer.putBack(batch.slice(0, middle), batch.slice(middle));
        }
        break;
      }
      default:
        this.retry(batch, outcome);
    }
  }

  private retry(
    batch: BufferedEvent[],
    failure: Failure & Pick<DeliveryProblem, 'error' | 'status' | 'reason'>,
  ): void {
    const { error, status, reason } = failure;
    this.counters.failedRequests += 1;
    this.lastError = error;
    this.buffer.putBack(batch);
    const retryInMs = this.backOff.failed({
      ...failure,
      // A producer about to stop cannot wait for somebody to change something.
      isLasting: failure.isLasting && !this.closing,
    });
    const events = batch.length;
    notify(this.options.onError, { error, status, reason, events, retryInMs });
  }

  private give(event: BufferedEvent, verdict: Verdict | undefined): void {
    if (!verdict) {
      return;
    }
    this.counters[verdict.status] += 1;
    this.settle(event);
    event.resolve(verdict);
    notify(this.options.onVerdict, verdict);
  }

  private settle(event: BufferedEvent): void {
    this.unsettled.delete(event.sequence);
    this.unsettledBytes -= event.bytes;
    if (this.quietListeners.length > 0) {
      const isQuiet = ({ sequence }: { sequence: number }) =>
        this.isQuietUpTo(sequence);
      const reached = this.quietListeners.filter(isQuiet);
      this.quietListeners = this.quietListeners.filter(
        listener => !reached.includes(listener),
      );
      reached.forEach(({ callback }) => callback());
    }
  }

  /** Sequence numbers enter the map in order, so its first key is the oldest. */
  private isQuietUpTo(sequence: number): boolean {
    const oldest = this.unsettled.keys().next();
    return oldest.done || oldest.value > sequence;
  }
}

/**
 * Creates a producer. It works in the background until it is closed.
 *
 * @throws ProducerError with code `invalid_option`
 * @public
 */
export function createProducer(options: ProducerOptions): Producer {
  return new DefaultProducer(resolveOptions(options));
}
