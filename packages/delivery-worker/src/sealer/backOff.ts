import { backoffMs } from '../backoff';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 5 * 60_000;

/**
 * Remembers which buckets failed and when each may be tried again: after about
 * one second, then two, four, … up to five minutes. A bucket that keeps failing
 * must not eat the time of the others. One that failed later than now, because
 * the clock was ahead, may be tried.
 */
export class BackOff {
  readonly #failures = new Map<
    string,
    { count: number; failedAt: number; notBefore: number }
  >();

  constructor(private readonly random: () => number = Math.random) {}

  isWaiting(key: string, now: Date): boolean {
    const failure = this.#failures.get(key);
    const at = now.getTime();
    return (
      failure !== undefined && at >= failure.failedAt && at < failure.notBefore
    );
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
    const failedAt = now.getTime();
    this.#failures.set(key, { count, failedAt, notBefore: failedAt + delay });
    return delay;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
