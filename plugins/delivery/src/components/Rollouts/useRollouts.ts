import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { RolloutHistory } from '@millrace/plugin-delivery-common';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';

/** A rollout takes a second or two: somebody watches it here. */
const REFRESH_INTERVAL_MS = 3000;

const PAGE_SIZE = 25;

/** What runs where, with a page of generations; kept fresh. */
export function useRollouts(
  before: number | undefined,
): PollingState<RolloutHistory> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) =>
      api.getRollouts({ before, limit: PAGE_SIZE }, { signal }),
    [api, before],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
