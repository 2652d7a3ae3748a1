import { fetchApiRef, useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  EventTypeFootprint,
  KnownReaders,
  WithdrawalReview,
} from '@millrace/plugin-event-types-common';
import { useCallback, useMemo } from 'react';
import {
  type WithdrawalClient,
  createWithdrawalClient,
} from './withdrawalClient';

const REFRESH_INTERVAL_MS = 5000;

export function useWithdrawalClient(): WithdrawalClient {
  const fetchApi = useApi(fetchApiRef);
  return useMemo(() => createWithdrawalClient(fetchApi), [fetchApi]);
}

/** What withdrawing would do: the parts of it, each with its own failure. */
export function useWithdrawal(name: string): {
  review: PollingState<WithdrawalReview>;
  footprint: PollingState<{ found?: EventTypeFootprint }>;
  readers: PollingState<KnownReaders>;
} {
  const client = useWithdrawalClient();
  const loadReview = useCallback(
    (signal: AbortSignal) => client.review(name, signal),
    [client, name],
  );
  const loadFootprint = useCallback(
    async (signal: AbortSignal) => ({
      found: await client.footprint(name, signal),
    }),
    [client, name],
  );
  const loadReaders = useCallback(
    (signal: AbortSignal) => client.readers(name, signal),
    [client, name],
  );
  const options = { intervalMs: REFRESH_INTERVAL_MS };
  return {
    review: usePolling(loadReview, options),
    footprint: usePolling(loadFootprint, options),
    readers: usePolling(loadReaders, options),
  };
}
