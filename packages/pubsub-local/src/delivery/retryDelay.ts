import { type RetryPolicy } from '../store';

/**
 * How long a message rests after a failed delivery: the minimum back-off,
 * doubled with each further failure up to the maximum; nothing without a policy.
 */
export function retryDelayMs(
  policy: RetryPolicy | undefined,
  failures: number,
): number {
  if (!policy) {
    return 0;
  }
  const { minBackoffMs, maxBackoffMs } = policy;
  return Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.max(0, failures - 1));
}
