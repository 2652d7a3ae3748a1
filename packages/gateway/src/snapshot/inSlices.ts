/** Steps of work at a time: some ten milliseconds for the slowest kind. */
const STEPS_PER_SLICE = 25;

/**
 * Does long work a slice at a time, and lets requests be served in between.
 *
 * @param work - each `yield` is a place where it may be left for a while
 */
export async function inSlices<T>(
  work: Generator<unknown, T>,
  pause: () => Promise<void> = nextTurn,
): Promise<T> {
  for (let step = 1; ; step++) {
    const result = work.next();
    if (result.done) {
      return result.value;
    }
    if (step % STEPS_PER_SLICE === 0) {
      await pause();
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
