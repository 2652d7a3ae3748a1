/** Not a failure: somebody wanted it to end. */
export class StoppedError extends Error {}

/**
 * Aborts when the process is told to stop: Ctrl-C, SIGTERM, or the end of the
 * process that started it.
 */
export function listenForStop(): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => () =>
    controller.abort(new StoppedError(`stopped by ${why}`));
  process.on('SIGINT', stop('Ctrl-C'));
  process.on('SIGTERM', stop('SIGTERM'));
  process.on('disconnect', stop('the end of the process that started it'));
  return controller.signal;
}

/** Resolves when the signal aborts. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
