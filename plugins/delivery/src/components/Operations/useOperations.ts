import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { DeliveryOperations } from '@millrace/plugin-delivery-common';
import { useCallback, useEffect, useRef } from 'react';
import { deliveryApiRef } from '../../api';

const REFRESH_INTERVAL_MS = 3000;

export const PAGE_SIZE = 25;

/** How delivery stands, with a page of its event types; kept fresh. */
export function useOperations(page: {
  search: string;
  offset: number;
}): PollingState<DeliveryOperations> {
  const { search, offset } = page;
  const api = useApi(deliveryApiRef);
  // The page of event types changes while one types; nothing else need go away.
  const lastRef = useRef<DeliveryOperations>();
  const load = useCallback(
    (signal: AbortSignal) =>
      api.getOperations(
        { search: search || undefined, offset, limit: PAGE_SIZE },
        { signal },
      ),
    [api, search, offset],
  );
  const state = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  useEffect(() => {
    lastRef.current = state.value ?? lastRef.current;
  }, [state.value]);
  const value = state.value ?? lastRef.current;
  return { ...state, value, isLoading: state.isLoading && !value };
}
