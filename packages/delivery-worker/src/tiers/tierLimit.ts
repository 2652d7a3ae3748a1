import { Tier } from '@millrace/ledger';
import { TierQueue } from './tierQueue';

/** Lets a bounded number of tasks run at a time, by tier. @internal */
export type TierLimit = <T>(tier: Tier, task: () => Promise<T>) => Promise<T>;

/**
 * Tasks wait in the order of their tiers, those of one tier in the order they
 * come; see `TierQueue`. As with `createFairLimit`, whoever hands over one task
 * after the other takes its turn with all others.
 *
 * @internal
 */
export function createTierLimit(options: {
  maxRunning: number;
  /** After waiting for so long a task counts as old. */
  oldAfterMs: number;
  monotonicMs?: () => number;
}): TierLimit {
  const {
    maxRunning,
    oldAfterMs,
    monotonicMs = () => performance.now(),
  } = options;
  const waiting = new TierQueue<() => void>();
  let running = 0;
  return async (tier, task) => {
    if (running >= maxRunning) {
      await new Promise<void>(resolve =>
        waiting.add(resolve, { tier, oldFromMs: monotonicMs() + oldAfterMs }),
      );
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      const next = waiting.take(monotonicMs());
      if (next) {
        next();
      } else {
        running -= 1;
      }
    }
  };
}
