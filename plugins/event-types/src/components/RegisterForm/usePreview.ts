import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type { EventTypePreview } from '@millrace/plugin-event-types-common';
import { useEffect, useState } from 'react';
import { eventTypesApiRef } from '../../api';
import type { ParsedSource } from './draft';
import { eventTypeNameProblem } from './eventTypeName';

/** Long enough to type on, short enough to feel live. */
const DEBOUNCE_MS = 400;

/** A name to preview under while the real one is not a good one yet. */
const PLACEHOLDER_NAME = 'unnamed';

export interface PreviewState {
  preview?: EventTypePreview;
  error?: Error;
}

/** Asks what the schema would be, shortly after the last change. */
export function usePreview(
  name: string,
  source: ParsedSource | undefined,
): PreviewState {
  const api = useApi(eventTypesApiRef);
  const [state, setState] = useState<PreviewState>({});
  // The source is parsed anew on each render; its content decides.
  const request =
    source?.request &&
    JSON.stringify({
      name: eventTypeNameProblem(name) ? PLACEHOLDER_NAME : name,
      ...source.request,
    });

  useEffect(() => {
    if (request === undefined) {
      setState({});
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      try {
        const preview = await api.preview(JSON.parse(request), { signal });
        if (!signal.aborted) {
          setState({ preview });
        }
      } catch (error) {
        if (!signal.aborted) {
          setState({ error: toError(error) });
        }
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [api, request]);

  return state;
}
