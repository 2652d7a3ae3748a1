import { SpendBytes } from './types';

/** @internal */
export interface ReadBudgetOptions {
  bytesPerSecond: number;
  /** Monotonic, in ms. */
  monotonicMs: () => number;
  pause: (ms: number) => Promise<void>;
}

/** What may be read at once, in seconds of the rate. */
const BURST_SECONDS = 1;

/**
 * Holds the auditor to a rate of reading. What is spent is spent, also when it
 * was more than there was: the next one to spend waits until it is made up for,
 * so a large file delays what comes after it and is read at no higher a rate in
 * the long run.
 *
 * @internal
 */
export function createReadBudget(options: ReadBudgetOptions): SpendBytes {
  const { bytesPerSecond, monotonicMs, pause } = options;
  const most = bytesPerSecond * BURST_SECONDS;
  let left = most;
  let at = monotonicMs();
  return async bytes => {
    const now = monotonicMs();
    left = Math.min(most, left + ((now - at) / 1000) * bytesPerSecond);
    at = now;
    left -= bytes;
    if (left < 0) {
      await pause((-left / bytesPerSecond) * 1000);
    }
  };
}
