import { backoffMs } from '../backoff';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 5 * 60_000;

/**
 * Remembers which buckets failed and when each may be tried again: after about
 * one second, then two, four, … up to five minutes. A bucket that keeps failing
 * must not eat the time of the others.
 */
export class BackOff {
  readonly #failures = new Map<string, { count: number; notBefore: number }>();

  constructor(private readonly random: () => number = Math.random) {}

  isWaiting(key: string, now: Date): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && now.getTime() < failure.notBefore;
  }

  /** @returns how long to wait from now on, in milliseconds */
  failed(key: string, now: Date): number {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const delay = Math.round(
      backoffMs(count, {
        baseMs: FIRST_DELAY_MS,
        maxMs: MAX_DELAY_MS,
        random: this.random,
      }),
    );
    this.#failures.set(key, { count, notBefore: now.getTime() + delay });
    return delay;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
