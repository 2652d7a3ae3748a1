import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  RefusedEventDetail,
  RefusedEvents,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { type RangeId, sinceOf } from './ranges';
import { type RefusedFilter, toQuery } from './useRefusedFilter';

const PAGE_SIZE = 50;
/** A refusal that can be found is on the screen within this time. */
const REFRESH_INTERVAL_MS = 2000;

export interface RefusedState extends PollingState<RefusedEvents> {
  showNewer?: () => void;
  showOlder?: () => void;
}

/** What was refused of a type lately, by reason and field, kept fresh. */
export function useRefusedGroups(
  name: string,
  range: RangeId,
): PollingState<RefusedGroups> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) =>
      api.getRefusedGroups(
        name,
        { since: sinceOf(range, new Date()) },
        { signal },
      ),
    [api, name, range],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

/** A page of refused events, of one type or of all, kept fresh. */
export function useRefused(
  name: string | undefined,
  filter: RefusedFilter,
): RefusedState {
  const api = useApi(deliveryApiRef);
  // The cursors of the pages behind the shown one, the newest page first. They
  // belong to one filter: with another one the newest page is shown.
  const [paging, setPaging] = useState({ filter, cursors: [] as string[] });
  const cursors = paging.filter === filter ? paging.cursors : [];
  const cursor = cursors[cursors.length - 1];
  const load = useCallback(
    (signal: AbortSignal) =>
      api.listRefused(
        name,
        {
          ...toQuery(filter),
          since: filter.from ?? sinceOf(filter.range, new Date()),
          limit: PAGE_SIZE,
          cursor,
        },
        { signal },
      ),
    [api, name, filter, cursor],
  );
  const state = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  const next = state.value?.nextCursor;
  return {
    ...state,
    showNewer: cursors.length
      ? () => setPaging({ filter, cursors: cursors.slice(0, -1) })
      : undefined,
    showOlder:
      next === undefined
        ? undefined
        : () => setPaging({ filter, cursors: [...cursors, next] }),
  };
}

/** A refused event with its content. Asked for once: each reading is audited. */
export function useRefusedEvent(
  name: string | undefined,
  refusalId: string,
): PollingState<RefusedEventDetail> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.getRefusedEvent(name, refusalId, { signal }),
    [api, name, refusalId],
  );
  return usePolling(load, {});
}
