import { encodeDropReport, encodeEvent, EventBuffer } from './buffer';
import { ProducerError } from './errors';
import { HeldEvents, QuietWatch, Waiters } from './following';
import { GatewayPool, PooledGateway } from './gateways';
import { ResolvedOptions } from './options';
import { Platform } from './platform';
import {
  AppendListener,
  EventQueue,
  QueuedEvent,
  QueueListener,
  TakenEvent,
} from './queue';
import { Failure } from './retry';
import { Outcome, postEvents } from './transport';
import {
  DeliveryProblem,
  Deprecation,
  Drop,
  EnqueuedEvent,
  EventInput,
  EventOptions,
  EventTypeDescriptor,
  Producer,
  Verdict,
} from './types';

/*
 * How a producer works
 *
 * An event is written as JSON once and given to the queue, which takes it or
 * says why not. From the queue events come into memory, as far as the bounds
 * allow. Batches leave when they are full, when their oldest event has waited
 * `flushIntervalMs`, or on `flush`, to the first gateway that is well. An event
 * leaves the queue only with a verdict, or counted in a drop. A gateway that
 * failed is left alone for its back-off.
 *
 * Guarantees: every `send` settles exactly once; the id, sequence number and
 * bytes of an event are equal in all its attempts; "accepted" is said only
 * after a reply of a gateway that says so. What survives the process is up to
 * the queue.
 */

const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;
/** How long a request may take while another gateway is known to be well. */
const PROBE_TIMEOUT_MS = 5_000;

/** A callback that throws must not stop delivery, nor be silenced. */
export function notify<T>(callback: (value: T) => void, value: T): void {
  try {
    callback(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** What a producer is made of. */
export interface ProducerParts {
  options: ResolvedOptions;
  platform: Platform;
  createQueue: (listener: QueueListener) => EventQueue;
}

/** @internal */
export class DefaultProducer implements Producer {
  private readonly options: ResolvedOptions;
  private readonly platform: Platform;
  private readonly queue: EventQueue;
  private readonly buffer: EventBuffer;
  private readonly gateways: GatewayPool;
  private readonly aborter = new AbortController();
  private readonly held = new HeldEvents();
  private readonly waiters = new Waiters();
  private readonly quiet: QuietWatch;
  /** Event types whose deprecation was told. */
  private readonly toldDeprecated = new Set<string>();
  private activeRequests = 0;
  private cancelTimer: () => void = () => {};
  private readonly closedListeners: (() => void)[] = [];
  private closing: Promise<void> | undefined;
  private isStopped = false;
  private lastError: ProducerError | undefined;
  private readonly counters = {
    sent: 0,
    recovered: 0,
    accepted: 0,
    refused: 0,
    dropped: 0,
    gaveUp: 0,
    droppedBufferFull: 0,
    notStored: 0,
    requests: 0,
    failedRequests: 0,
  };

  constructor({ options, platform, createQueue }: ProducerParts) {
    this.options = options;
    this.platform = platform;
    this.buffer = new EventBuffer(options);
    this.gateways = new GatewayPool(options.gateways, {
      ...options.retry,
      clock: options.clock,
      random: options.random,
    });
    this.quiet = new QuietWatch({
      lastPosition: () => this.queue.lastPosition,
      hurryUpTo: position => this.buffer.flushUpTo(position),
      isQuietUpTo: position =>
        this.held.isEmptyUpTo(position) && this.queue.firstUnread() > position,
    });
    this.queue = createQueue({
      onReady: () => {
        this.pump();
        this.quiet.check();
      },
      onRecovered: events => {
        this.counters.recovered += events;
      },
      onDrop: (drop, positions) => this.applyDrop(drop, positions),
      onProblem: (error, retryInMs) => {
        this.lastError = error;
        notify(options.onError, { error, events: 0, retryInMs });
      },
      report: drop => encodeDropReport(drop, options),
      onReportTaken: () => {
        this.counters.sent += 1;
      },
    });
    // Whoever cares asks `ready`; every event is told as well.
    this.queue.open().catch(() => {});
  }

  get producer(): string {
    return this.queue.producer;
  }

  get epoch(): string {
    return this.queue.epoch;
  }

  ready(): Promise<void> {
    return this.queue.open();
  }

  send<TData extends object>(
    first: EventInput<TData> | EventTypeDescriptor<TData>,
    data?: TData,
    options?: EventOptions,
  ): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      this.append(toInput(first, data, options), {
        taken: ({ position }) => {
          this.waiters.add(position, { resolve, reject });
        },
        failed: reject,
      });
    });
  }

  enqueue<TData extends object>(
    first: EventInput<TData> | EventTypeDescriptor<TData>,
    data?: TData,
    options?: EventOptions,
  ): Promise<EnqueuedEvent> {
    return new Promise((resolve, reject) => {
      this.append(toInput(first, data, options), {
        taken: async ({ id, epoch, sequence, isDurable }) =>
          resolve({ id, epoch, sequence, isDurable: await isDurable }),
        failed: reject,
      });
    });
  }

  async flush(): Promise<void> {
    await new Promise<void>(callback => {
      this.quiet.add(callback);
      this.pump();
    });
  }

  close(options: { timeoutMs?: number } = {}): Promise<void> {
    this.closing ??= this.stop(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.closing;
  }

  /** Calls back once, when the producer is closed. */
  onClosed(callback: () => void): void {
    this.closedListeners.push(callback);
  }

  stats() {
    const { events, bytes } = this.queue.size();
    return { ...this.counters, buffered: events, bufferedBytes: bytes };
  }

  /** Where the next request would go. */
  nextEventsUrl(): string {
    const gateway = this.gateways.pick(this.options.clock.now());
    return gateway?.eventsUrl ?? this.options.gateways[0].eventsUrl;
  }

  /** The oldest events in memory, up to a size; they stay in the queue. */
  peek(maxBytes: number): QueuedEvent[] {
    this.fill();
    const events: QueuedEvent[] = [];
    let bytes = 0;
    for (const event of this.held.values()) {
      bytes += event.bytes + 1;
      if (bytes > maxBytes) {
        break;
      }
      events.push(event);
    }
    return events;
  }

  /** @throws ProducerError with code `invalid_event` */
  private append(input: EventInput, listener: AppendListener): void {
    if (this.closing) {
      listener.failed(new ProducerError('closed', 'The producer is closed'));
      return;
    }
    const event = encodeEvent(input, this.options);
    this.quiet.given();
    this.queue.append(event, {
      taken: (taken: TakenEvent) => {
        this.counters.sent += 1;
        listener.taken(taken);
        this.quiet.decided();
      },
      failed: error => {
        const { code, message } = error;
        const isFull = code === 'buffer_full';
        this.counters[isFull ? 'droppedBufferFull' : 'notStored'] += 1;
        const cause = error.cause ?? this.lastError;
        listener.failed(new ProducerError(code, message, { cause }));
        this.quiet.decided();
      },
    });
  }

  private async stop(timeoutMs: number): Promise<void> {
    // Whatever the wait was for, this is the last chance to be heard.
    this.gateways.hurry();
    this.buffer.hurry();
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
    await this.queue.close().catch(() => {});
    const [code, fate] = this.queue.isDurable
      ? (['kept_in_queue', 'it stays in the queue'] as const)
      : (['gave_up', 'it may not have the event'] as const);
    this.waiters.rejectAll(
      () =>
        new ProducerError(
          code,
          `The producer was closed before the gateway answered; ${fate}${
            this.lastError ? `; last problem: ${this.lastError.message}` : ''
          }`,
          { cause: this.lastError },
        ),
    );
    if (!this.queue.isDurable) {
      const left = [...this.held.values()];
      for (let event = this.queue.next(); event; event = this.queue.next()) {
        left.push(event);
      }
      this.counters.gaveUp += left.length;
      this.queue.settle(left);
    }
    this.held.clear();
    this.quiet.end();
    this.closedListeners.forEach(callback => callback());
  }

  /** Takes events of the queue into memory, as far as the bounds allow. */
  private fill(): void {
    const { maxBufferedEvents, maxBufferedBytes } = this.options;
    while (
      this.held.size < maxBufferedEvents &&
      this.held.bytes < maxBufferedBytes
    ) {
      const event = this.queue.next();
      if (!event) {
        return;
      }
      this.held.add(event);
      this.buffer.add(event);
    }
  }

  /** Sends what may leave now and sets the timer for what may leave later. */
  private pump(): void {
    this.cancelTimer();
    this.cancelTimer = () => {};
    if (this.isStopped) {
      return;
    }
    this.fill();
    const { clock, maxConcurrentRequests } = this.options;
    const now = clock.now();
    while (this.activeRequests < maxConcurrentRequests) {
      const dueAt = this.buffer.dueAt();
      const freeAt = this.gateways.nextAt();
      if (dueAt === undefined || freeAt === undefined) {
        return; // The next event, or the end of a request, pumps again.
      }
      const leavesAt = Math.max(dueAt, freeAt);
      const gateway = leavesAt <= now ? this.gateways.pick(now) : undefined;
      const batch = gateway && this.buffer.take(now);
      if (!batch) {
        this.cancelTimer = clock.schedule(() => this.pump(), leavesAt - now);
        return;
      }
      void this.deliver(batch, gateway);
    }
  }

  private async deliver(
    batch: QueuedEvent[],
    gateway: PooledGateway,
  ): Promise<void> {
    this.activeRequests += 1;
    gateway.requestsUnderWay += 1;
    this.counters.requests += 1;
    batch.forEach(event => {
      event.isUnderWay = true;
    });
    const { requestTimeoutMs } = this.options;
    const outcome = await postEvents(
      batch,
      {
        ...this.options,
        platform: this.platform,
        eventsUrl: gateway.eventsUrl,
        requestTimeoutMs: this.gateways.isProbe(gateway)
          ? Math.min(requestTimeoutMs, PROBE_TIMEOUT_MS)
          : requestTimeoutMs,
      },
      this.aborter.signal,
    );
    this.activeRequests -= 1;
    gateway.requestsUnderWay -= 1;
    batch.forEach(event => {
      event.isUnderWay = false;
    });
    if (!this.isStopped) {
      this.apply(batch, gateway, outcome);
      this.quiet.check();
      this.pump();
    }
  }

  private apply(
    batch: QueuedEvent[],
    gateway: PooledGateway,
    outcome: Outcome,
  ): void {
    switch (outcome.kind) {
      case 'answered': {
        this.buffer.wasRead(batch.length);
        const settled = batch.filter((_, index) => outcome.verdicts[index]);
        this.held.release(settled);
        this.queue.settle(settled);
        batch.forEach((event, index) => {
          this.give(event, outcome.verdicts[index]);
        });
        this.tellDeprecated(outcome.deprecated);
        const rest = batch.filter((_, index) => !outcome.verdicts[index]);
        if (rest.length === 0) {
          gateway.backOff.succeeded();
        } else {
          this.retrySome(rest, gateway, outcome, settled.length > 0);
        }
        break;
      }
      case 'unusable': {
        // The gateway is well and has read the request.
        gateway.backOff.succeeded();
        if (batch.length > 1) {
          this.buffer.putBackHalved(this.withoutEvicted(batch));
          break;
        }
        const { reason, message } = outcome;
        const [event] = batch;
        this.held.release(batch);
        this.queue.settle(batch);
        const { id } = event;
        this.give(event, {
          status: 'refused',
          id,
          reason,
          kept: false,
          message,
        });
        break;
      }
      default: {
        const retryInMs = this.gateways.failed(gateway, {
          ...outcome,
          // A producer about to stop cannot wait for somebody to change something.
          isLasting: outcome.isLasting && !this.closing,
        });
        this.buffer.putBack(this.withoutEvicted(batch));
        this.tellProblem(outcome, gateway, batch.length, retryInMs);
      }
    }
  }

  /**
   * The gateway has read a batch and could not store all of it. As long as it
   * stores any event it is well, and only the others wait. If it stored none,
   * these wait longer than the gateway, so that others are tried before them:
   * the trouble may be that of one event type.
   */
  private retrySome(
    rest: QueuedEvent[],
    gateway: PooledGateway,
    outcome: { retryAfterMs?: number; status: number; reason?: string },
    hasStoredAny: boolean,
  ): void {
    if (hasStoredAny) {
      gateway.backOff.succeeded();
    }
    const { backOff } = gateway;
    const retryInMs = hasStoredAny
      ? backOff.delayOfSome(outcome)
      : this.gateways.failed(gateway, outcome) + backOff.delayOfSome(outcome);
    this.buffer.postpone(
      this.withoutEvicted(rest),
      this.closing ? -Infinity : this.options.clock.now() + retryInMs,
    );
    const error = new ProducerError(
      'unavailable',
      'The gateway could not store some of the events',
    );
    this.tellProblem({ ...outcome, error }, gateway, rest.length, retryInMs);
  }

  private tellProblem(
    failure: Failure & Pick<DeliveryProblem, 'error' | 'status' | 'reason'>,
    gateway: PooledGateway,
    events: number,
    retryInMs: number,
  ): void {
    const { error, status, reason } = failure;
    this.counters.failedRequests += 1;
    this.lastError = error;
    const gatewayUrl = gateway.url;
    notify(this.options.onError, {
      error,
      gatewayUrl,
      status,
      reason,
      events,
      retryInMs,
    });
  }

  /** Those of a batch that are still to be sent. */
  private withoutEvicted(batch: QueuedEvent[]): QueuedEvent[] {
    const evicted = batch.filter(event => event.isEvicted);
    if (evicted.length === 0) {
      return batch;
    }
    this.queue.abandon(evicted);
    return batch.filter(event => !event.isEvicted);
  }

  private give(event: QueuedEvent, verdict: Verdict | undefined): void {
    if (!verdict) {
      return;
    }
    this.counters[verdict.status] += 1;
    this.waiters.take(event.position)?.resolve(verdict);
    notify(this.options.onVerdict, verdict);
  }

  private tellDeprecated(deprecated: readonly Deprecation[]): void {
    for (const deprecation of deprecated) {
      if (!this.toldDeprecated.has(deprecation.type)) {
        this.toldDeprecated.add(deprecation.type);
        notify(this.options.onDeprecation, deprecation);
      }
    }
  }

  private applyDrop(drop: Drop, positions: readonly number[]): void {
    this.counters.dropped += drop.events;
    this.buffer.remove(new Set(positions));
    const message =
      drop.reason === 'queue_full'
        ? 'The queue was full and gave up its oldest events'
        : 'The disk did not give the event back as it was written';
    for (const position of positions) {
      const event = this.held.get(position);
      this.held.release(event ? [event] : []);
      this.waiters
        .take(position)
        ?.reject(
          new ProducerError('dropped', message, { cause: this.lastError }),
        );
    }
    notify(this.options.onDrop, drop);
    this.quiet.check();
  }
}

function toInput<TData extends object>(
  first: EventInput<TData> | EventTypeDescriptor<TData>,
  data: TData | undefined,
  options: EventOptions | undefined,
): EventInput {
  return 'data' in first || data === undefined
    ? (first as EventInput)
    : { ...options, type: first.type, data };
}
