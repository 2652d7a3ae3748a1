import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type { LedgerPage, LedgerQuery } from '@millrace/plugin-delivery-common';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { useCallback, useEffect, useState } from 'react';
import { deliveryApiRef } from '../../api';

export interface LedgerState {
  page?: LedgerPage;
  error?: Error;
  isLoading: boolean;
  reload: () => void;
  /** Missing when there is nothing older. */
  loadOlder?: () => Promise<void>;
  isLoadingOlder: boolean;
}

/**
 * Puts a fresh newest page over what is known. Older rows are sealed and hardly
 * change, so they are kept and not asked for again. Where the two do not touch
 * (the tab was hidden for long), or are of another unit, the old ones are
 * dropped: a gap in the list would look like missing data.
 */
export function mergeNewestPage(
  known: LedgerPage | undefined,
  page: LedgerPage,
): LedgerPage {
  const oldest = page.items[page.items.length - 1]?.start;
  if (
    !known ||
    known.unit !== page.unit ||
    oldest === undefined ||
    !known.items.some(({ start }) => start >= oldest)
  ) {
    return page;
  }
  const older = known.items.filter(({ start }) => start < oldest);
  return older.length
    ? {
        ...page,
        items: [...page.items, ...older],
        nextBefore: known.nextBefore,
      }
    : page;
}

/**
 * Rows of the ledger of an event type, newest first, the newest page kept fresh.
 *
 * @param query - must be stable: another object means another question
 */
export function useLedger(
  name: string,
  query: LedgerQuery,
  options: { intervalMs: number },
): LedgerState {
  const api = useApi(deliveryApiRef);
  const [known, setKnown] = useState<{ load: unknown; page: LedgerPage }>();
  const [olderError, setOlderError] = useState<Error>();
  const [isLoadingOlder, setLoadingOlder] = useState(false);

  const load = useCallback(
    (signal: AbortSignal) => api.getLedger(name, query, { signal }),
    [api, name, query],
  );
  const { value, error, reload } = usePolling(load, options);
  useEffect(() => {
    if (value) {
      setKnown(previous => ({
        load,
        page: mergeNewestPage(
          previous?.load === load ? previous.page : undefined,
          value,
        ),
      }));
    }
  }, [value, load]);

  const page = known?.load === load ? known.page : undefined;
  const loadOlder = async () => {
    setLoadingOlder(true);
    try {
      const older = await api.getLedger(name, {
        ...query,
        by: page?.unit,
        before: page?.nextBefore,
      });
      setOlderError(undefined);
      setKnown(previous =>
        previous?.load === load
          ? {
              load,
              page: {
                ...previous.page,
                items: [...previous.page.items, ...older.items],
                nextBefore: older.nextBefore,
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
    page,
    error: error ?? olderError,
    isLoading: !page && !error,
    reload,
    loadOlder: page?.nextBefore === undefined ? undefined : loadOlder,
    isLoadingOlder,
  };
}
