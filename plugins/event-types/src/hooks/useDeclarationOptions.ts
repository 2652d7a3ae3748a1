import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { DeclarationOptions } from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../api';

/** What may be chosen from changes with the configuration only. */
const REFRESH_INTERVAL_MS = 60 * 60_000;

/** What a declaration may choose from, for who may register event types. */
export function useDeclarationOptions(): PollingState<DeclarationOptions> {
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.getDeclarationOptions({ signal }),
    [api],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
