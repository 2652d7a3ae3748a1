import { BufferedEvent } from './encodeEvent';

/** When a batch leaves, and how large it may be. */
export interface BatchLimits {
  maxBatchEvents: number;
  maxBatchBytes: number;
  flushIntervalMs: number;
}

/**
 * The events that wait to be sent.
 *
 * Fresh events are batched as limits allow. A batch that has to be sent again
 * keeps its composition and goes before fresh events, so an outage delays the
 * oldest events least, and a gateway that halved a batch is not asked to take
 * the whole again.
 */
export class EventBuffer {
  private fresh: BufferedEvent[] = [];
  private freshBytes = 0;
  private again: BufferedEvent[][] = [];
  /** Fresh events up to this sequence number leave without waiting. */
  private flushThrough = 0;

  constructor(private readonly limits: BatchLimits) {}

  add(event: BufferedEvent): void {
    this.fresh.push(event);
    this.freshBytes += event.bytes;
  }

  /** Puts batches back that need another attempt. */
  putBack(...batches: BufferedEvent[][]): void {
    this.again.push(...batches.filter(batch => batch.length > 0));
    this.again.sort((a, b) => a[0].sequence - b[0].sequence);
  }

  /** Lets everything up to a sequence number leave without waiting. */
  flushUpTo(sequence: number): void {
    this.flushThrough = Math.max(this.flushThrough, sequence);
  }

  /** The next batch that should leave now, if there is one. */
  take(now: number): BufferedEvent[] | undefined {
    const again = this.again.shift();
    if (again) {
      return again;
    }
    const dueAt = this.dueAt();
    return dueAt !== undefined && dueAt <= now ? this.takeFresh() : undefined;
  }

  /** When the next batch should leave; in the past means now. */
  dueAt(): number | undefined {
    if (this.again.length > 0) {
      return -Infinity;
    }
    const oldest = this.fresh.at(0);
    if (!oldest) {
      return undefined;
    }
    const isDue =
      this.fresh.length >= this.limits.maxBatchEvents ||
      this.freshBytes >= this.limits.maxBatchBytes ||
      oldest.sequence <= this.flushThrough;
    return isDue ? -Infinity : oldest.bufferedAt + this.limits.flushIntervalMs;
  }

  clear(): void {
    this.fresh = [];
    this.freshBytes = 0;
    this.again = [];
  }

  private takeFresh(): BufferedEvent[] {
    let count = 0;
    let bytes = 0;
    for (const event of this.fresh) {
      const isFull =
        count >= this.limits.maxBatchEvents ||
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
