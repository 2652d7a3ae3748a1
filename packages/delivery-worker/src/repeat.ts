import { Backoff, backoffMs, pause } from './backoff';

/** @internal */
export interface RepeatOptions {
  /** Pause between the end of one run and the start of the next. */
  intervalMs: number;
  backoff: Backoff;
  run: () => Promise<void>;
  /** Told of each failure and of the pause that follows it. */
  onError: (error: unknown, retryMs: number) => void;
}

/**
 * Runs something again and again until stopped: never twice at once, and after
 * failures with growing pauses.
 *
 * @internal
 */
export function repeat(options: RepeatOptions): { stop(): Promise<void> } {
  const { intervalMs, backoff, run, onError } = options;
  const stopping = new AbortController();
  const loop = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      let waitMs = intervalMs;
      try {
        await run();
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = Math.max(intervalMs, backoffMs(failures, backoff));
        onError(error, waitMs);
      }
      await pause(waitMs, stopping.signal);
    }
  };
  const ended = loop();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
