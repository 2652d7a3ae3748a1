/** The bounds of a back-off. */
export interface BackOffOptions {
  /** Wait after the first failure, before jitter. */
  minMs: number;
  /** Longest wait. */
  maxMs: number;
}

/**
 * Exponential back-off with jitter: the wait doubles with every failure up to
 * `maxMs`, and is then drawn from its upper half, so that what failed together
 * for one reason does not come back in step.
 *
 * @param failures - how often in a row it has failed, from 1
 * @param random - from 0 up to 1
 */
export function backOffMs(
  failures: number,
  random: () => number,
  options: BackOffOptions,
): number {
  const { minMs, maxMs } = options;
  // 2 ** 1024 is Infinity, which min() brings back to maxMs.
  const full = Math.min(maxMs, minMs * 2 ** (failures - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
