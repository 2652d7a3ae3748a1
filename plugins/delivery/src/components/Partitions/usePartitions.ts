import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  PartitionList,
  PartitionSummary,
} from '@millrace/plugin-delivery-common';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { useCallback, useEffect, useState } from 'react';
import { deliveryApiRef } from '../../api';

const PAGE_SIZE = 30;
const REFRESH_INTERVAL_MS = 5000;

export interface PartitionsState {
  items?: PartitionSummary[];
  error?: Error;
  isLoading: boolean;
  reload: () => void;
  /** Missing when there are no older ones. */
  loadOlder?: () => Promise<void>;
  isLoadingOlder: boolean;
}

export function partitionKey(partition: PartitionSummary): string {
  return `${partition.bucketStart} ${partition.revision}`;
}

/**
 * Puts a fresh first page over what is known. Older partitions are sealed and
 * never change, so they are kept and not asked for again. Where the two do not
 * touch (the tab was hidden for long) the old ones are dropped: a gap in the
 * list would look like missing partitions.
 */
export function mergeFirstPage(
  known: PartitionList | undefined,
  page: PartitionList,
): PartitionList {
  const fresh = new Set(page.items.map(partitionKey));
  if (!known?.items.some(item => fresh.has(partitionKey(item)))) {
    return page;
  }
  const last = page.items[page.items.length - 1].bucketStart;
  const older = known.items.filter(
    item => !fresh.has(partitionKey(item)) && item.bucketStart < last,
  );
  return older.length
    ? { items: [...page.items, ...older], nextBefore: known.nextBefore }
    : page;
}

/** The partitions of an event type, newest first, the first page kept fresh. */
export function usePartitions(
  name: string,
  includeEmpty: boolean,
): PartitionsState {
  const api = useApi(deliveryApiRef);
  const [known, setKnown] = useState<{
    load: unknown;
    list: PartitionList;
  }>();
  const [olderError, setOlderError] = useState<Error>();
  const [isLoadingOlder, setLoadingOlder] = useState(false);

  const load = useCallback(
    (signal: AbortSignal) =>
      api.listPartitions(name, { limit: PAGE_SIZE, includeEmpty }, { signal }),
    [api, name, includeEmpty],
  );
  const { value, error, reload } = usePolling(load, {
    intervalMs: REFRESH_INTERVAL_MS,
  });
  useEffect(() => {
    if (value) {
      setKnown(previous => ({
        load,
        list: mergeFirstPage(
          previous?.load === load ? previous.list : undefined,
          value,
        ),
      }));
    }
  }, [value, load]);

  const list = known?.load === load ? known.list : undefined;
  const before = list?.nextBefore;
  const loadOlder = async () => {
    setLoadingOlder(true);
    try {
      const page = await api.listPartitions(name, {
        limit: PAGE_SIZE,
        before,
        includeEmpty,
      });
      setOlderError(undefined);
      setKnown(previous =>
        previous?.load === load
          ? {
              load,
              list: {
                items: [...previous.list.items, ...page.items],
                nextBefore: page.nextBefore,
              },
            }
          : previous,
      );
    } catch (cause) {
      setOlderError(toError(cause));
    }
    setLoadingOlder(false);
  };

  return {
    items: list?.items,
    error: error ?? olderError,
    isLoading: !list && !error,
    reload,
    loadOlder: before === undefined ? undefined : loadOlder,
    isLoadingOlder,
  };
}
