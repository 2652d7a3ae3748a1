/**
 * Time, as the gateway sees it.
 *
 * @public
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `delayMs`; the result cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * A clock that never goes back. A bucket is declared once its end has passed on
 * this clock, so no later event may be stamped into it, whatever a correction
 * of the system's time does.
 */
export function createReceiveClock(clock: Clock): Clock {
  let last = -Infinity;
  return {
    now: () => {
      last = Math.max(last, clock.now());
      return last;
    },
    schedule: (callback, delayMs) => clock.schedule(callback, delayMs),
  };
}

/**
 * Waits for a promise, but not for ever. What it stands for is not stopped,
 * only no longer waited for.
 */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = clock.schedule(
      () => reject(new Error(`${what} took longer than ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    cancel();
  }
}
