/** Lets a bounded number of tasks run at a time. @internal */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Tasks wait in the order they come. Whoever has many of them and hands them
 * over one after the other, each when the one before has ended, takes its turn
 * with all others: a flood of one event type costs another type one task's time.
 *
 * @internal
 */
export function createFairLimit(maxRunning: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async task => {
    if (running >= maxRunning) {
      await new Promise<void>(resolve => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) {
        next();
      } else {
        running -= 1;
      }
    }
  };
}
