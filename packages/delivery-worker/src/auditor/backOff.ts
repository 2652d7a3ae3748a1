const FIRST_MS = 10_000;
const MOST_MS = 60 * 60_000;

/** When something that could not be audited is tried again. In memory only. */
export class BackOff {
  readonly #waiting = new Map<string, { failures: number; until: number }>();

  isWaiting(key: string, now: Date): boolean {
    return now.getTime() < (this.#waiting.get(key)?.until ?? 0);
  }

  /** Gives the pause in ms. */
  failed(key: string, now: Date): number {
    const failures = (this.#waiting.get(key)?.failures ?? 0) + 1;
    const delayMs = Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
    this.#waiting.set(key, { failures, until: now.getTime() + delayMs });
    return delayMs;
  }

  succeeded(key: string): void {
    this.#waiting.delete(key);
  }
}
