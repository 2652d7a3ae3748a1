import { Clock } from '../clock';
import { GatewayLogger } from '../options';

/** A task that repeats until stopped. */
export interface Loop {
  /** Resolves when a run under way has ended; no further one begins. */
  stop(): Promise<void>;
}

/**
 * Repeats a task for ever, with a pause between the end of one run and the
 * begin of the next. A failing run is no reason to stop; the first failure in a
 * row and the recovery are logged, the failures between are not.
 */
export function startLoop(options: {
  name: string;
  intervalMs: number;
  run: () => Promise<void>;
  clock: Clock;
  logger: GatewayLogger;
}): Loop {
  const { name, intervalMs, run, clock, logger } = options;
  const stopping = new AbortController();
  let isFailing = false;

  const runOnce = async () => {
    try {
      await run();
      if (isFailing) {
        logger.info(`${name} works again`);
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing) {
        logger.warn(`${name} fails and is tried again: ${error}`);
      }
      isFailing = true;
    }
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await runOnce();
      await pause(clock, intervalMs, stopping.signal);
    }
  };

  const ended = loop();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const cancel = clock.schedule(end, ms);
    signal.addEventListener('abort', end);
    function end() {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
