import { toError } from '@backstage/errors';
import { useCallback, useEffect, useState } from 'react';

/** Long enough to type on, short enough to feel live. */
const TYPING_DELAY_MS = 400;

/** What {@link useAnswer} knows. */
export interface AnswerState<T> {
  /** The newest answer; it stays while that to a later question is on its way. */
  value?: T;
  /** Why there is no answer to the question as it stands. */
  error?: Error;
  /** Whether value or error are about the question as it stands now. */
  isCurrent: boolean;
  /** Asks the same question again. */
  reload: () => void;
}

/**
 * Asks a question that changes while somebody types: once, shortly after its last
 * change. An answer that comes after the question has changed is dropped, so what
 * is shown never belongs to something typed earlier without saying so.
 *
 * @param question - what is asked, as a text that says all of it; undefined while
 * there is nothing to ask
 * @param ask - must be stable (`useCallback`)
 */
export function useAnswer<T>(
  question: string | undefined,
  ask: (question: string, signal: AbortSignal) => Promise<T>,
): AnswerState<T> {
  const [state, setState] = useState<{
    question?: string;
    value?: T;
    error?: Error;
  }>({});
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (question === undefined) {
      setState({});
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      try {
        const value = await ask(question, signal);
        if (!signal.aborted) {
          setState({ question, value });
        }
      } catch (error) {
        if (!signal.aborted) {
          setState({ question, error: toError(error) });
        }
      }
    }, TYPING_DELAY_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [ask, question, attempt]);

  const reload = useCallback(() => setAttempt(count => count + 1), []);
  return {
    value: state.value,
    error: state.error,
    isCurrent: question !== undefined && state.question === question,
    reload,
  };
}
