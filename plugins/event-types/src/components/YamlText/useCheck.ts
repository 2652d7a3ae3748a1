import { toError } from '@backstage/errors';
import { useEffect, useState } from 'react';

/** Long enough to type on, short enough to feel live. */
const DEBOUNCE_MS = 400;

export interface CheckState<T> {
  /** Of the text that was checked last; it stays while a newer one is checked. */
  answer?: T;
  error?: Error;
  /** Whether it is about the text that is there now. */
  isCurrent: boolean;
}

/**
 * Asks what a text would do, shortly after the last change.
 *
 * @param check - must be stable (`useCallback`): another function is another
 * question
 */
export function useCheck<T>(
  text: string,
  check: (text: string, signal: AbortSignal) => Promise<T>,
): CheckState<T> {
  const [state, setState] = useState<{
    about?: string;
    by?: typeof check;
    answer?: T;
    error?: Error;
  }>({});

  useEffect(() => {
    if (text.trim() === '') {
      setState({});
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      try {
        const answer = await check(text, signal);
        if (!signal.aborted) {
          setState({ about: text, by: check, answer });
        }
      } catch (cause) {
        if (!signal.aborted) {
          setState({ about: text, by: check, error: toError(cause) });
        }
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [check, text]);

  const { about, by, answer, error } = state;
  return {
    answer,
    error,
    isCurrent: about !== undefined && about === text && by === check,
  };
}
