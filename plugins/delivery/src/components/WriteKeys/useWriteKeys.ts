import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';

/** Fast enough to watch whether a producer still uses its old key. */
const REFRESH_INTERVAL_MS = 3000;

/** The write keys one may see, kept fresh. */
export function useWriteKeys(): PollingState<WriteKey[]> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.listWriteKeys({ signal }),
    [api],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
