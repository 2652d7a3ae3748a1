import type {
  EventType,
  EventTypeGeneration,
} from '@millrace/plugin-event-types-common';

/** Of an event type that nobody lists any more. */
const FORGET_AFTER_MS = 10 * 60_000;

interface Known {
  eventType: EventType;
  /** Milliseconds. */
  seenAt: number;
}

/**
 * Event types as they were last read, so that only those that have changed have
 * to be read again.
 *
 * What is kept is what an event type is, and not who may read it: that is decided
 * anew with each list of generations. Event types are frozen through and through;
 * one that has not changed is the same object each time.
 */
export class KnownEventTypes {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Which of the listed are not known as they are now. */
  findChanged(listed: readonly EventTypeGeneration[]): string[] {
    return listed
      .filter(generation => !isSame(this.#find(generation.name), generation))
      .map(({ name }) => name);
  }

  remember(eventTypes: readonly EventType[]): void {
    const seenAt = this.#now();
    for (const eventType of eventTypes) {
      this.#known.set(eventType.name, {
        eventType: deepFreeze(eventType),
        seenAt,
      });
    }
  }

  /**
   * The listed ones, in their order. One that was gone when it was to be read is
   * left out.
   */
  pick(listed: readonly EventTypeGeneration[]): EventType[] {
    const seenAt = this.#now();
    const picked = listed.flatMap(({ name }) => {
      const known = this.#known.get(name);
      if (!known) {
        return [];
      }
      known.seenAt = seenAt;
      return [known.eventType];
    });
    for (const [name, known] of this.#known) {
      if (seenAt - known.seenAt > FORGET_AFTER_MS) {
        this.#known.delete(name);
      }
    }
    return picked;
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  #find(name: string): EventType | undefined {
    return this.#known.get(name)?.eventType;
  }
}

function isSame(
  known: EventType | undefined,
  { generation, updatedAt }: EventTypeGeneration,
): boolean {
  return known?.generation === generation && known.updatedAt === updatedAt;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
