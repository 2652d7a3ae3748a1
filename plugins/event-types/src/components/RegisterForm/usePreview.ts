import { useApi } from '@backstage/frontend-plugin-api';
import type { EventTypePreview } from '@millrace/plugin-event-types-common';
import { useCallback, useMemo } from 'react';
import { eventTypesApiRef } from '../../api';
import { type AnswerState, useAnswer } from '../../hooks';
import type { ParsedSource } from './draft';
import { eventTypeNameProblem } from './eventTypeName';

/** A name to preview under while the real one is not a good one yet. */
const PLACEHOLDER_NAME = 'unnamed';

/**
 * Asks what the schema would be, shortly after the last change. What was decided
 * of the list of fields is not sent: a finding stays a finding, so that a decision
 * can be seen beside its reason.
 */
export function usePreview(
  name: string,
  source: ParsedSource | undefined,
): AnswerState<EventTypePreview> {
  const api = useApi(eventTypesApiRef);
  const ask = useCallback(
    (question: string, signal: AbortSignal) =>
      api.preview(JSON.parse(question), { signal }),
    [api],
  );
  const request = source?.request;
  // Samples may be long: they are not written anew with every render.
  const question = useMemo(
    () =>
      request &&
      JSON.stringify({
        name: eventTypeNameProblem(name) ? PLACEHOLDER_NAME : name,
        ...request,
        ...(request.fields && {
          fields: request.fields.map(({ semanticType, ...field }) => field),
        }),
      }),
    [name, request],
  );
  return useAnswer(question, ask);
}
