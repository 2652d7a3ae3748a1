import { ProducerError } from '../errors';
import { Clock, Drop } from '../types';
import { Life } from './life';
import {
  AppendListener,
  EncodedEvent,
  EventQueue,
  QueuedEvent,
  QueueListener,
} from './types';

/** A queue that has to make room gives up this share of itself at once. */
const DROP_SHARE = 1 / 16;

/** A copy of the queue that outlives the process. */
export interface Mirror {
  /** @returns whether the event is stored */
  put(event: QueuedEvent): Promise<boolean>;
  remove(events: readonly QueuedEvent[]): void;
}

/** Bounds and sources of a memory queue. */
export interface MemoryQueueOptions {
  producer: string;
  maxBufferedEvents: number;
  maxBufferedBytes: number;
  whenFull: 'refuse' | 'drop_oldest';
  clock: Clock;
  byteLength: (text: string) => number;
  /** Greatest sequence number of an epoch. For tests. */
  maxSequence?: number;
  mirror?: Mirror;
}

/**
 * The queue in memory. It takes events at once, and ends with the process.
 *
 * Full, it either refuses the new event, which the caller learns, or gives up
 * the oldest that are not under way, which are counted in a drop. It never
 * exceeds its bounds but for the one event that reports the drop.
 */
export class MemoryQueue implements EventQueue {
  readonly isDurable: boolean;
  lastPosition = 0;

  private readonly life: Life;
  /** All that are not settled, by position, oldest first. */
  private readonly events = new Map<number, QueuedEvent>();
  private bytes = 0;
  private unread: QueuedEvent[] = [];
  private nextUnread = 0;

  constructor(
    private readonly options: MemoryQueueOptions,
    private readonly listener: QueueListener,
  ) {
    this.life = new Life(options.producer, options.maxSequence);
    this.isDurable = options.mirror !== undefined;
  }

  get producer(): string {
    return this.life.producer;
  }

  get epoch(): string {
    return this.life.epoch;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  append(event: EncodedEvent, listener: AppendListener): void {
    const { maxBufferedEvents, maxBufferedBytes, whenFull } = this.options;
    if (this.life.left === 0) {
      this.life.startEpoch();
    }
    const sequence = this.life.lastSequence + 1;
    const json = this.life.finish(event, sequence);
    const bytes = this.options.byteLength(json);
    const isFull = () =>
      this.events.size >= maxBufferedEvents ||
      this.bytes + bytes > maxBufferedBytes;
    if (isFull() && whenFull === 'drop_oldest' && bytes <= maxBufferedBytes) {
      this.makeRoom(bytes);
      if (!isFull()) {
        // A report may have used up the number.
        this.append(event, listener);
        return;
      }
    }
    if (isFull()) {
      listener.failed(
        new ProducerError(
          'buffer_full',
          `The buffer is full: ${this.events.size} events (${this.bytes} bytes) wait for a verdict`,
        ),
      );
      return;
    }
    this.life.lastSequence = sequence;
    const { epoch } = this.life;
    const queued = this.add({ id: event.id, epoch, sequence, json, bytes });
    const isDurable = this.options.mirror?.put(queued) ?? false;
    listener.taken({ ...queued, isDurable });
    this.listener.onReady();
  }

  /** Takes an event that already has its numbers, behind all others. */
  add(
    event: Pick<QueuedEvent, 'id' | 'epoch' | 'sequence' | 'json' | 'bytes'>,
  ): QueuedEvent {
    this.lastPosition += 1;
    const queued: QueuedEvent = {
      ...event,
      position: this.lastPosition,
      queuedAt: this.options.clock.now(),
      isUnderWay: false,
      isEvicted: false,
    };
    this.events.set(queued.position, queued);
    this.bytes += queued.bytes;
    this.unread.push(queued);
    return queued;
  }

  next(): QueuedEvent | undefined {
    const event = this.unread.at(this.nextUnread);
    if (!event) {
      return undefined;
    }
    this.nextUnread += 1;
    if (this.nextUnread === this.unread.length) {
      this.unread = [];
      this.nextUnread = 0;
    }
    return event;
  }

  settle(events: readonly QueuedEvent[]): void {
    events.forEach(event => this.remove(event));
    this.options.mirror?.remove(events);
  }

  abandon(events: readonly QueuedEvent[]): void {
    // Only waiting events are given up, so none was evicted.
    this.settle(events);
  }

  firstUnread(): number {
    return this.unread.at(this.nextUnread)?.position ?? Infinity;
  }

  size() {
    return { events: this.events.size, bytes: this.bytes };
  }

  /** The oldest events that are not under way, enough to make room. */
  private makeRoom(bytes: number): void {
    const { maxBufferedEvents, maxBufferedBytes } = this.options;
    const minEvents = Math.ceil(maxBufferedEvents * DROP_SHARE);
    const minBytes = bytes + maxBufferedBytes * DROP_SHARE;
    const victims: QueuedEvent[] = [];
    let freed = 0;
    for (const event of this.events.values()) {
      const isEnough =
        this.events.size - victims.length <= maxBufferedEvents - minEvents &&
        this.bytes - freed + minBytes <= maxBufferedBytes;
      if (isEnough) {
        break;
      }
      if (!event.isUnderWay) {
        victims.push(event);
        freed += event.bytes;
      }
    }
    this.drop(victims);
  }

  private drop(victims: QueuedEvent[]): void {
    this.settle(victims);
    const gone = new Set(victims);
    this.unread = this.unread
      .slice(this.nextUnread)
      .filter(event => !gone.has(event));
    this.nextUnread = 0;
    for (const { drop, positions } of dropsOf(victims)) {
      this.listener.onDrop(drop, positions);
      const report = this.listener.report(drop);
      if (report) {
        this.addReport(report);
      }
    }
  }

  private addReport(report: EncodedEvent): void {
    if (this.life.left === 0) {
      this.life.startEpoch();
    }
    const { epoch } = this.life;
    this.life.lastSequence += 1;
    const sequence = this.life.lastSequence;
    const json = this.life.finish(report, sequence);
    const bytes = this.options.byteLength(json);
    const queued = this.add({ id: report.id, epoch, sequence, json, bytes });
    void this.options.mirror?.put(queued);
    this.listener.onReportTaken();
  }

  private remove(event: QueuedEvent): void {
    if (this.events.delete(event.position)) {
      this.bytes -= event.bytes;
    }
  }
}

/** One drop per epoch, as numbers count within one. */
export function dropsOf(
  events: readonly QueuedEvent[],
): { drop: Drop; positions: number[] }[] {
  const drops = new Map<string, { drop: Drop; positions: number[] }>();
  for (const { epoch, sequence, bytes, position } of events) {
    const known = drops.get(epoch);
    if (known) {
      known.drop.events += 1;
      known.drop.bytes += bytes;
      known.drop.lastSequence = sequence;
      known.positions.push(position);
    } else {
      const drop: Drop = {
        reason: 'queue_full',
        events: 1,
        bytes,
        epoch,
        firstSequence: sequence,
        lastSequence: sequence,
      };
      drops.set(epoch, { drop, positions: [position] });
    }
  }
  return [...drops.values()];
}
