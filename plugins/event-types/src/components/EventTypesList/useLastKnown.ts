import type { PollingState } from '@millrace/plugin-data-platform-react';
import { useEffect, useState } from 'react';

/**
 * The newest answer, or the one to the question before while there is none to
 * this one: a table that is searched does not go away with every letter.
 */
export function useLastKnown<T>(state: PollingState<T>): {
  value?: T;
  /** Whether it is an answer to an earlier question. */
  isStale: boolean;
} {
  const { value } = state;
  const [last, setLast] = useState<T>();
  useEffect(() => {
    if (value !== undefined) {
      setLast(value);
    }
  }, [value]);
  return {
    value: value ?? last,
    isStale: value === undefined && last !== undefined,
  };
}
