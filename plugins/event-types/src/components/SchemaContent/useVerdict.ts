import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  SchemaVerdict,
  SchemaVerdictRequest,
} from '@millrace/plugin-event-types-common';
import { useEffect, useState } from 'react';
import { eventTypesApiRef } from '../../api';

/** Long enough to type on, short enough to feel live. */
const DEBOUNCE_MS = 400;

export interface VerdictState {
  /** Of what was asked last; it stays while a newer one is on its way. */
  verdict?: SchemaVerdict;
  error?: Error;
  /** Whether the verdict is about what is in the form now. */
  isCurrent: boolean;
}

/** Asks what publishing would do, shortly after the last change. */
export function useVerdict(
  name: string,
  source: SchemaVerdictRequest | undefined,
): VerdictState {
  const api = useApi(eventTypesApiRef);
  const [state, setState] = useState<
    { request?: string } & Omit<VerdictState, 'isCurrent'>
  >({});
  // The source is made anew on each render; its content decides.
  const request = source && JSON.stringify(source);

  useEffect(() => {
    if (request === undefined) {
      setState({});
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      try {
        const verdict = await api.judgeSchema(name, JSON.parse(request), {
          signal,
        });
        if (!signal.aborted) {
          setState({ request, verdict });
        }
      } catch (error) {
        if (!signal.aborted) {
          setState({ request, error: toError(error) });
        }
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [api, name, request]);

  const { request: about, verdict, error } = state;
  return {
    verdict,
    error,
    isCurrent: request !== undefined && about === request,
  };
}
