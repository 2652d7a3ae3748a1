import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  Fix,
  ReplayPreview,
  ReplaySelection,
} from '@millrace/plugin-delivery-common';
import { useEffect, useState } from 'react';
import { deliveryApiRef } from '../../api';

/** Long enough to type on, short enough to feel live. */
const DEBOUNCE_MS = 500;
const SAMPLES = 5;

export interface PreviewState {
  /** The newest answer; `isCurrent` says whether it is of the given fix. */
  preview?: ReplayPreview;
  isCurrent: boolean;
  error?: Error;
  retry: () => void;
}

/** Asks what a fix would do, shortly after its last change. */
export function usePreview(
  name: string,
  selection: ReplaySelection,
  fix: Fix | undefined,
): PreviewState {
  const api = useApi(deliveryApiRef);
  const [known, setKnown] = useState<{
    request?: string;
    preview?: ReplayPreview;
    error?: Error;
  }>({});
  const [attempt, setAttempt] = useState(0);
  // Both are built anew on each render; their content decides.
  const request = fix && JSON.stringify({ selection, fix, samples: SAMPLES });

  useEffect(() => {
    if (request === undefined) {
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      try {
        const preview = await api.previewReplay(name, JSON.parse(request), {
          signal,
        });
        if (!signal.aborted) {
          setKnown({ request, preview });
        }
      } catch (error) {
        if (!signal.aborted) {
          // What was known stays on the screen, marked as not current.
          setKnown(({ preview }) => ({ preview, error: toError(error) }));
        }
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [api, name, request, attempt]);

  return {
    preview: known.preview,
    error: known.error,
    isCurrent: request !== undefined && known.request === request,
    retry: () => setAttempt(count => count + 1),
  };
}
