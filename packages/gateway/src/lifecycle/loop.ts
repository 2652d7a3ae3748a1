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
  let isStopped = false;
  let isFailing = false;
  let wake = () => {};

  const loop = async () => {
    while (!isStopped) {
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
      if (!isStopped) {
        await new Promise<void>(resolve => {
          const cancel = clock.schedule(resolve, intervalMs);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
  };

  const ended = loop();
  return {
    stop: () => {
      isStopped = true;
      wake();
      return ended;
    },
  };
}
