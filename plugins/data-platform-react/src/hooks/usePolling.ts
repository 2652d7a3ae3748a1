import { toError } from '@backstage/errors';
import { useCallback, useEffect, useState } from 'react';

/**
 * What {@link usePolling} knows.
 *
 * @public
 */
export interface PollingState<T> {
  /** The newest answer; it stays while later ones fail. */
  value?: T;
  /** Why the newest attempt failed; gone as soon as one succeeds. */
  error?: Error;
  /** When `value` came: what ages on the page are counted from. */
  updatedAt?: Date;
  /** Nothing is known yet, good or bad. */
  isLoading: boolean;
  /** Asks again at once. */
  reload: () => void;
}

type Outcome<T> = {
  load: (signal: AbortSignal) => Promise<T>;
  value?: T;
  error?: Error;
  updatedAt?: Date;
};

/**
 * Asks again and again, each time some milliseconds after the last answer, so
 * that a slow backend is never asked twice at once. It pauses while the browser
 * tab is hidden and asks at once when it is shown again.
 *
 * @param load - must be stable (`useCallback`): another function means another
 * question, and what was known is forgotten
 * @param options - without an interval it asks once, and again on `reload` only
 *
 * @public
 */
export function usePolling<T>(
  load: (signal: AbortSignal) => Promise<T>,
  options: { intervalMs?: number },
): PollingState<T> {
  const { intervalMs } = options;
  const [outcome, setOutcome] = useState<Outcome<T>>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;

    const ask = async () => {
      isAsking = true;
      try {
        const value = await load(signal);
        if (!signal.aborted) {
          setOutcome({ load, value, updatedAt: new Date() });
        }
      } catch (cause) {
        if (!signal.aborted) {
          setOutcome(previous => ({
            ...(previous?.load === load ? previous : { load }),
            error: toError(cause),
          }));
        }
      }
      isAsking = false;
      if (!signal.aborted && !document.hidden && intervalMs !== undefined) {
        timer = setTimeout(ask, intervalMs);
      }
    };

    const onVisibilityChange = () => {
      clearTimeout(timer);
      if (!document.hidden && !isAsking && intervalMs !== undefined) {
        ask();
      }
    };

    document.addEventListener('visibilitychange', onVisibilityChange);
    ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibilityChange);
    };
  }, [load, intervalMs, attempt]);

  const reload = useCallback(() => setAttempt(count => count + 1), []);
  const known = outcome?.load === load ? outcome : undefined;
  return {
    value: known?.value,
    error: known?.error,
    updatedAt: known?.updatedAt,
    isLoading: known === undefined,
    reload,
  };
}
