import { useApi } from '@backstage/frontend-plugin-api';
import { usePolling } from '@millrace/plugin-data-platform-react';
import type { PartitionSummary } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';

const PAGE_SIZE = 48;

/** The sealed partitions of an event type, newest first, a page more at a time. */
export function useRevisable(eventType: string): {
  partitions?: PartitionSummary[];
  error?: Error;
  reload: () => void;
  loadMore?: () => void;
} {
  const api = useApi(deliveryApiRef);
  const [pages, setPages] = useState(1);
  const load = useCallback(
    async (signal: AbortSignal) => {
      if (eventType === '') {
        return undefined;
      }
      const { items, nextBefore } = await api.listPartitions(
        eventType,
        { limit: pages * PAGE_SIZE, includeEmpty: true },
        { signal },
      );
      return {
        partitions: items.filter(({ state }) => state === 'sealed'),
        hasMore: nextBefore !== undefined,
      };
    },
    [api, eventType, pages],
  );
  const { value, error, reload } = usePolling(load, {});
  return {
    partitions: value?.partitions,
    error,
    reload,
    // The backend gives a thousand at most.
    loadMore:
      value?.hasMore && (pages + 1) * PAGE_SIZE <= 1000
        ? () => setPages(count => count + 1)
        : undefined,
  };
}
