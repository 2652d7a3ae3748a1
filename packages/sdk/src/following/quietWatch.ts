/** What the queue and the events in memory tell a {@link QuietWatch}. */
export interface QuietSource {
  /** Of the latest event that the queue has taken. */
  lastPosition: () => number;
  /** Lets what waits for a full batch leave at once. */
  hurryUpTo: (position: number) => void;
  /** Whether every event up to a position is settled. */
  isQuietUpTo: (position: number) => boolean;
}

/** Somebody who waits for everything given so far to be settled. */
interface Listener {
  /** How many events had been given to the queue. */
  given: number;
  /** The latest of them, once the queue has decided on all. */
  position?: number;
  callback: () => void;
}

/**
 * Tells when all that was given before a moment is settled. An event that is
 * given has no position until the queue has decided on it, so what a listener
 * waits for is counted first and placed later.
 */
export class QuietWatch {
  private listeners: Listener[] = [];
  /** Events given to the queue, and those it has taken or refused. */
  private givenEvents = 0;
  private decidedEvents = 0;

  constructor(private readonly source: QuietSource) {}

  /** An event goes to the queue. */
  given(): void {
    this.givenEvents += 1;
  }

  /** The queue took or refused one that was given. */
  decided(): void {
    this.decidedEvents += 1;
    this.check();
  }

  /** Calls back once, when all that was given until now is settled. */
  add(callback: () => void): void {
    this.listeners.push({ given: this.givenEvents, callback });
    this.check();
  }

  /** Calls back whoever waits for nothing any more. */
  check(): void {
    if (this.listeners.length === 0) {
      return;
    }
    const { lastPosition, hurryUpTo, isQuietUpTo } = this.source;
    for (const listener of this.listeners) {
      if (
        listener.position === undefined &&
        this.decidedEvents >= listener.given
      ) {
        listener.position = lastPosition();
        hurryUpTo(listener.position);
      }
    }
    const reached = this.listeners.filter(
      ({ position }) => position !== undefined && isQuietUpTo(position),
    );
    this.listeners = this.listeners.filter(
      listener => !reached.includes(listener),
    );
    reached.forEach(({ callback }) => callback());
  }

  /** Calls back everybody: nothing is settled any more. */
  end(): void {
    this.listeners.forEach(({ callback }) => callback());
    this.listeners = [];
  }
}
