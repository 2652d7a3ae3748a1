import { QueuedEvent } from '../queue';

/** When a batch leaves, and how large it may be. */
export interface BatchLimits {
  maxBatchEvents: number;
  maxBatchBytes: number;
  flushIntervalMs: number;
}

/** Events that need another attempt. */
interface Again {
  events: QueuedEvent[];
  /** They do not leave before. */
  notBefore: number;
  /** A part of a batch that was too large: it is not made larger again. */
  isPart: boolean;
}

/**
 * The events in memory that wait to be sent.
 *
 * Fresh events are batched as limits allow. Events that have to be sent again
 * go before fresh ones, so an outage delays the oldest events least. The parts
 * of a halved batch stay parts, so a gateway is not asked to take the whole
 * again. Events a gateway has read and could not store wait by themselves and
 * take turns with fresh ones: one event type in trouble does not stop the others.
 */
export class EventBuffer {
  private fresh: QueuedEvent[] = [];
  private freshBytes = 0;
  private again: Again[] = [];
  /** Fresh events up to this position leave without waiting. */
  private flushThrough = 0;
  private maxBatchEvents: number;
  private isTurnOfFresh = false;

  constructor(private readonly limits: BatchLimits) {
    this.maxBatchEvents = limits.maxBatchEvents;
  }

  add(event: QueuedEvent): void {
    this.fresh.push(event);
    this.freshBytes += event.bytes;
  }

  /** Puts events back that need another attempt. */
  putBack(events: QueuedEvent[]): void {
    this.insert({ events, notBefore: -Infinity, isPart: false });
  }

  /**
   * Puts events back that a gateway has read and could not store. They wait by
   * themselves, and fresh events get a turn before them.
   */
  postpone(events: QueuedEvent[], notBefore: number): void {
    this.insert({ events, notBefore, isPart: false });
    this.isTurnOfFresh = true;
  }

  /**
   * Puts a batch back in two halves, and makes batches no larger than the larger
   * half for now: each would have to be halved as well.
   */
  putBackHalved(batch: QueuedEvent[]): void {
    const middle = Math.ceil(batch.length / 2);
    const halves = [batch.slice(0, middle), batch.slice(middle)];
    this.maxBatchEvents = Math.max(1, Math.min(this.maxBatchEvents, middle));
    for (const events of halves) {
      this.insert({ events, notBefore: -Infinity, isPart: true });
    }
  }

  /** A batch of so many events was read: larger ones may be tried again. */
  wasRead(events: number): void {
    if (events >= this.maxBatchEvents) {
      this.maxBatchEvents = Math.min(
        this.limits.maxBatchEvents,
        this.maxBatchEvents * 2,
      );
    }
  }

  /** Takes events away that the queue has given up. */
  remove(positions: ReadonlySet<number>): void {
    const isKept = ({ position }: QueuedEvent) => !positions.has(position);
    this.fresh = this.fresh.filter(isKept);
    this.freshBytes = this.fresh.reduce((sum, { bytes }) => sum + bytes, 0);
    this.again = this.again
      .map(each => ({ ...each, events: each.events.filter(isKept) }))
      .filter(({ events }) => events.length > 0);
  }

  /** Lets everything up to a position leave without waiting. */
  flushUpTo(position: number): void {
    this.flushThrough = Math.max(this.flushThrough, position);
  }

  /** The last chance: what waits for its time waits no longer. */
  hurry(): void {
    this.again.forEach(each => {
      each.notBefore = -Infinity;
    });
  }

  /** The next batch that should leave now, if there is one. */
  take(now: number): QueuedEvent[] | undefined {
    const due = this.again.filter(({ notBefore }) => notBefore <= now);
    const freshAt = this.freshDueAt();
    const isFreshDue = freshAt !== undefined && freshAt <= now;
    if (due.length > 0 && !(isFreshDue && this.isTurnOfFresh)) {
      return this.takeAgain(due);
    }
    this.isTurnOfFresh = false;
    return isFreshDue ? this.takeFresh() : undefined;
  }

  /** When the next batch should leave; in the past means now. */
  dueAt(): number | undefined {
    const freshAt = this.freshDueAt() ?? Infinity;
    const at = this.again.reduce(
      (earliest, { notBefore }) => Math.min(earliest, notBefore),
      freshAt,
    );
    return at === Infinity ? undefined : at;
  }

  clear(): void {
    this.fresh = [];
    this.freshBytes = 0;
    this.again = [];
  }

  private insert(again: Again): void {
    if (again.events.length > 0) {
      this.again.push(again);
      this.again.sort((a, b) => a.events[0].position - b.events[0].position);
    }
  }

  private freshDueAt(): number | undefined {
    const oldest = this.fresh.at(0);
    if (!oldest) {
      return undefined;
    }
    const isDue =
      this.fresh.length >= this.maxBatchEvents ||
      this.freshBytes >= this.limits.maxBatchBytes ||
      oldest.position <= this.flushThrough;
    return isDue ? -Infinity : oldest.queuedAt + this.limits.flushIntervalMs;
  }

  /** The oldest part alone, or as many of the others as fit one batch. */
  private takeAgain(due: Again[]): QueuedEvent[] {
    const taken = due.slice(0, 1);
    let { length: events } = due[0].events;
    let bytes = sumBytes(due[0].events);
    for (const next of due.slice(1)) {
      events += next.events.length;
      bytes += sumBytes(next.events);
      const fits =
        events <= this.maxBatchEvents && bytes <= this.limits.maxBatchBytes;
      if (due[0].isPart || next.isPart || !fits) {
        break;
      }
      taken.push(next);
    }
    this.again = this.again.filter(each => !taken.includes(each));
    return taken.flatMap(each => each.events);
  }

  private takeFresh(): QueuedEvent[] {
    let count = 0;
    let bytes = 0;
    for (const event of this.fresh) {
      const isFull =
        count >= this.maxBatchEvents ||
        (count > 0 && bytes + event.bytes > this.limits.maxBatchBytes);
      if (isFull) {
        break;
      }
      count += 1;
      bytes += event.bytes;
    }
    this.freshBytes -= bytes;
    return this.fresh.splice(0, count);
  }
}

function sumBytes(events: readonly QueuedEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes, 0);
}
