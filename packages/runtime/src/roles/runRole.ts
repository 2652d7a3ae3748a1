import { createConsoleLogger, Logger } from './logger';

/** A started role: something that can be drained and stopped. */
export interface RunningRole {
  stop(): Promise<void>;
}

const DRAIN_LIMIT_MS = 30_000;

/**
 * The life of a role's process.
 *
 * - says `ready` to the process that started it, over the IPC channel;
 * - drains and exits 0 on SIGTERM, and when the IPC channel closes, because
 *   then the parent is gone (even by kill -9) and nobody else would end it;
 * - ignores SIGINT when it has a parent: Ctrl-C reaches the whole process
 *   group, and the parent orders the stop;
 * - exits 1 on a failure it cannot handle, to be started again by its parent.
 */
export async function runRole(
  name: string,
  start: (logger: Logger) => Promise<RunningRole>,
): Promise<void> {
  const logger = createConsoleLogger(name);
  const hasParent = typeof process.send === 'function';
  let role: RunningRole | undefined;
  let isStopping = false;

  const stop = (why: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info(`stopping: ${why}`);
    const limit = setTimeout(() => {
      logger.error(`did not drain within ${DRAIN_LIMIT_MS} ms, exiting`);
      process.exit(1);
    }, DRAIN_LIMIT_MS);
    limit.unref();
    Promise.resolve(role?.stop()).then(
      () => process.exit(0),
      error => {
        logger.error('stopping failed', error);
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => {
    if (!hasParent) stop('SIGINT');
  });
  process.on('disconnect', () => stop('the parent process is gone'));
  process.on('uncaughtException', error => {
    logger.error('unhandled failure, exiting', error);
    process.exit(1);
  });

  try {
    role = await start(logger);
  } catch (error) {
    logger.error('could not start', error as Error);
    process.exit(1);
  }
  logger.info('ready');
  process.send?.({ type: 'ready' });
}
