import { setTimeout as sleep } from 'node:timers/promises';

/** Thrown when a condition did not come true in time. */
export class WaitTimeoutError extends Error {}

/**
 * Asks again and again until there is an answer.
 *
 * @param probe - `undefined` means "not yet"; what it throws ends the waiting
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined>,
  options: {
    what: string;
    pollMs: number;
    timeoutMs?: number;
    signal?: AbortSignal;
  },
): Promise<T> {
  const { what, pollMs, timeoutMs = Infinity, signal } = options;
  const startedAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() - startedAt > timeoutMs) {
      throw new WaitTimeoutError(`Waited too long for ${what}`);
    }
    await sleep(pollMs, undefined, { signal });
  }
}
