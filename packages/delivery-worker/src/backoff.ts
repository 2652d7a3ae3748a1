import { setTimeout } from 'node:timers/promises';

/** How long to wait after failures in a row. */
export interface Backoff {
  baseMs: number;
  maxMs: number;
  /** Between 0 and 1; spreads those who failed together. Default `Math.random`. */
  random?: () => number;
}

/** Doubles with each failure up to the maximum; half of it is left to chance. */
export function backoffMs(failures: number, backoff: Backoff): number {
  const { baseMs, maxMs, random = Math.random } = backoff;
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return ceiling * (0.5 + random() / 2);
}

/** Waits, or stops waiting as soon as the signal says so. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
