import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeclarationReview,
  DeclarationReviewRequest,
} from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../api';
import { type AnswerState, useAnswer } from '../../hooks';

/** Asks what registering would do. It writes nothing. */
export function useReview(
  request: DeclarationReviewRequest | undefined,
): AnswerState<DeclarationReview> {
  const api = useApi(eventTypesApiRef);
  const ask = useCallback(
    (question: string, signal: AbortSignal) =>
      api.review(JSON.parse(question), { signal }),
    [api],
  );
  return useAnswer(request && JSON.stringify(request), ask);
}
