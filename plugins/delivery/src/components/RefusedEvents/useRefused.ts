import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { RefusedEvents } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';

const PAGE_SIZE = 50;
const REFRESH_INTERVAL_MS = 5000;

export interface RefusedState extends PollingState<RefusedEvents> {
  showNewer?: () => void;
  showOlder?: () => void;
}

/** A page of refused events, of one type or of all. */
export function useRefused(name?: string): RefusedState {
  const api = useApi(deliveryApiRef);
  // The cursors of the pages behind the shown one, the newest page first.
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors[cursors.length - 1];
  const load = useCallback(
    (signal: AbortSignal) =>
      api.listRefused(name, { limit: PAGE_SIZE, cursor }, { signal }),
    [api, name, cursor],
  );
  const state = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  const next = state.value?.nextCursor;
  return {
    ...state,
    showNewer: cursors.length
      ? () => setCursors(current => current.slice(0, -1))
      : undefined,
    showOlder:
      next === undefined
        ? undefined
        : () => setCursors(current => [...current, next]),
  };
}
