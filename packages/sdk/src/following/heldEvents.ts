import { QueuedEvent } from '../queue';

/** The events in memory that are not settled, oldest first. */
export class HeldEvents {
  private readonly events = new Map<number, QueuedEvent>();
  private heldBytes = 0;

  get size(): number {
    return this.events.size;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  /** The next one of the queue: positions only ever rise. */
  add(event: QueuedEvent): void {
    this.events.set(event.position, event);
    this.heldBytes += event.bytes;
  }

  get(position: number): QueuedEvent | undefined {
    return this.events.get(position);
  }

  /** Oldest first. */
  values(): IterableIterator<QueuedEvent> {
    return this.events.values();
  }

  release(events: readonly QueuedEvent[]): void {
    for (const event of events) {
      if (this.events.delete(event.position)) {
        this.heldBytes -= event.bytes;
      }
    }
  }

  clear(): void {
    this.events.clear();
    this.heldBytes = 0;
  }

  /** Whether none is held up to a position, this included. */
  isEmptyUpTo(position: number): boolean {
    // Positions enter the map in order, so its first key is the oldest.
    const oldest = this.events.keys().next();
    return oldest.done || oldest.value > position;
  }
}
