/** Not a failure: somebody wanted it to end. */
export class StoppedError extends Error {}

/**
 * Aborts when the process is told to stop: Ctrl-C, SIGTERM, or the end of the
 * terminal or of the process that started it.
 */
export function listenForStop(): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => () =>
    controller.abort(new StoppedError(`stopped by ${why}`));
  const stopAsOrphan = stop('the end of the process that started it');
  process.on('SIGINT', stop('Ctrl-C'));
  process.on('SIGTERM', stop('SIGTERM'));
  process.on('SIGHUP', stop('the end of the terminal'));
  process.on('disconnect', stopAsOrphan);
  // It may have ended before anybody listened.
  if (process.send && !process.connected) stopAsOrphan();
  // A terminal that is gone must not break the stop in the middle.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return controller.signal;
}

/** Resolves when the signal aborts. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
