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

/** @internal */
export interface Repetition {
  /** Starts a run now, or right after the one under way. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Runs something again and again until stopped: never twice at once, and after
 * failures with growing pauses.
 *
 * @internal
 */
export function repeat(options: RepeatOptions): Repetition {
  const { intervalMs, backoff, run, onError } = options;
  const stopping = new AbortController();
  let waking = new AbortController();
  const loop = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      let waitMs = intervalMs;
      waking = new AbortController();
      try {
        await run();
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = Math.max(intervalMs, backoffMs(failures, backoff));
        onError(error, waitMs);
      }
      const either = AbortSignal.any([stopping.signal, waking.signal]);
      await pause(waitMs, either);
    }
  };
  const ended = loop();
  return {
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
