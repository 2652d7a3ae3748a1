import { integer } from '../options';
import { Producer } from '../types';
import { FlushOnExitOptions } from './options';

const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
const DEFAULT_TIMEOUT_MS = 5_000;
/** Any long time: the timer only keeps the process running until it is cleared. */
const HOLD_MS = 2 ** 30;

/**
 * Closes a producer when the process is about to end.
 *
 * At the end by itself (`beforeExit`) the process is kept until the producer is
 * closed. At a signal the same, and then the signal is raised again, so that
 * the process ends as if nobody had listened; an application that listens to the
 * signal itself is left to decide when to end.
 *
 * @returns a function that takes the hook away
 * @throws ProducerError with code `invalid_option`
 */
export function installExitHook(
  producer: Pick<Producer, 'close'>,
  options: FlushOnExitOptions,
): () => void {
  const signals = options.signals ?? DEFAULT_SIGNALS;
  const timeoutMs = integer(
    'flushOnExit.timeoutMs',
    options.timeoutMs,
    DEFAULT_TIMEOUT_MS,
    0,
  );

  const close = async () => {
    const hold = setInterval(() => {}, HOLD_MS);
    await producer.close({ timeoutMs });
    clearInterval(hold);
  };
  let remove = () => {};
  const onBeforeExit = () => {
    remove();
    void close();
  };
  const onSignal = async (signal: NodeJS.Signals) => {
    await close();
    remove();
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
  };
  remove = () => {
    process.off('beforeExit', onBeforeExit);
    signals.forEach(signal => process.off(signal, onSignal));
  };
  process.on('beforeExit', onBeforeExit);
  signals.forEach(signal => process.on(signal, onSignal));
  return remove;
}
