import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryOverviewRow,
  DeliveryStatus,
} from '@millrace/plugin-delivery-common';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';
import { deliveryApiRef } from '../api';

/** Fast enough to watch the first event arrive. */
const REFRESH_INTERVAL_MS = 3000;

/** How one event type is delivered, and the state of the data plane. */
export interface EventTypeDelivery {
  row: DeliveryOverviewRow;
  status: DeliveryStatus;
}

/** The state of the data plane and of every event type, kept fresh. */
export function useDeliveryOverview(): PollingState<{
  rows: DeliveryOverviewRow[];
  status: DeliveryStatus;
}> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [rows, status] = await Promise.all([
        api.getOverview({ signal }),
        api.getStatus({ signal }),
      ]);
      return { rows, status };
    },
    [api],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

/** How one event type is delivered, kept fresh. */
export function useEventTypeDelivery(
  name: string,
  options: { intervalMs?: number } = {},
): PollingState<EventTypeDelivery> {
  const { intervalMs = REFRESH_INTERVAL_MS } = options;
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [row, status] = await Promise.all([
        api.getEventType(name, { signal }),
        api.getStatus({ signal }),
      ]);
      return { row, status };
    },
    [api, name],
  );
  return usePolling(load, { intervalMs });
}
