const PREFIX = 'millrace.event-types.unsaved';

/** What is kept in the tab: what was typed, and what it was typed upon. */
export interface KeptInTab {
  /** Of the draft, or generation of the event type, that it began with. */
  revision: number;
  content: { [key: string]: unknown };
}

/**
 * What somebody has typed and the backend does not have yet, kept in the browser
 * tab. It is there after a reload and after signing in again, for the same user
 * alone; it is gone when the tab is closed. Where the browser keeps nothing, it
 * does nothing.
 */
export class TabCopy {
  readonly #key: string;

  /** @param id - what it is a copy of */
  constructor(options: { userRef: string; id: string }) {
    this.#key = JSON.stringify([PREFIX, options.userRef, options.id]);
  }

  keep(copy: KeptInTab): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(copy));
    } catch {
      // Full, or forbidden by the browser: the backend still has its copy.
    }
  }

  find(): KeptInTab | undefined {
    try {
      const copy: unknown = JSON.parse(
        sessionStorage.getItem(this.#key) ?? 'null',
      );
      return isKept(copy) ? copy : undefined;
    } catch {
      return undefined;
    }
  }

  drop(): void {
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept then.
    }
  }
}

function isKept(value: unknown): value is KeptInTab {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'revision') === 'number' &&
    typeof Reflect.get(value, 'content') === 'object' &&
    Reflect.get(value, 'content') !== null
  );
}
