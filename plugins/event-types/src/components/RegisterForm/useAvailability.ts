import { useApi } from '@backstage/frontend-plugin-api';
import type { NameAvailability } from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../api';
import { type AnswerState, useAnswer } from '../../hooks';
import { eventTypeNameProblem } from './eventTypeName';

/**
 * Asks whether a name is free, shortly after it was typed. A name that breaks the
 * naming rule is not asked about.
 */
export function useAvailability(name: string): AnswerState<NameAvailability> {
  const api = useApi(eventTypesApiRef);
  const ask = useCallback(
    (question: string, signal: AbortSignal) =>
      api.getAvailability(question, { signal }),
    [api],
  );
  return useAnswer(name && !eventTypeNameProblem(name) ? name : undefined, ask);
}
