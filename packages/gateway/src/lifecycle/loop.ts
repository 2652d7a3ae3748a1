import { Clock } from '../clock';
import { GatewayLogger } from '../options';

/** A task that repeats until stopped. */
export interface Loop {
  /** Begins a run now, or right after the one under way. */
  wake(): void;
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
  /** Asked anew before each pause. */
  intervalMs: number | (() => number);
  run: () => Promise<void>;
  clock: Clock;
  logger: GatewayLogger;
}): Loop {
  const { name, intervalMs, run, clock, logger } = options;
  let isStopping = false;
  let isWoken = false;
  let endPause = () => {};
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
  const pause = () =>
    new Promise<void>(resolve => {
      const ms = typeof intervalMs === 'number' ? intervalMs : intervalMs();
      const cancel = clock.schedule(resolve, ms);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  const loop = async () => {
    while (!isStopping) {
      isWoken = false;
      await runOnce();
      if (!isWoken && !isStopping) {
        await pause();
      }
    }
  };

  const ended = loop();
  const wake = () => {
    isWoken = true;
    endPause();
  };
  return {
    wake,
    stop: () => {
      isStopping = true;
      wake();
      return ended;
    },
  };
}
