import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { TestEvent } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';

/** What comes next takes seconds, and somebody waits for it. */
const WATCHING_MS = 1500;

/** While nothing can come before the bucket is over. */
const BUCKET_OPEN_MS = 5000;

/**
 * So soon a refused event is found among the others that were refused. What the
 * gateway refused as a whole request never is.
 */
const KEPT_WITHIN_MS = 60_000;

/** How soon to ask again; `undefined` when no event goes any further. */
export function pollEveryMs(
  events: TestEvent[],
  now: Date,
): number | undefined {
  const waits = events.flatMap(event => {
    const { state, requestedAt, stagedAt, expected, refusal } = event;
    switch (state) {
      case 'refused':
        return !refusal?.refusalId &&
          now.getTime() < Date.parse(requestedAt) + KEPT_WITHIN_MS
          ? WATCHING_MS
          : [];
      case 'sending':
      case 'accepted':
      case 'staged':
        return stagedAt &&
          expected &&
          now.getTime() + BUCKET_OPEN_MS < Date.parse(expected.bucketEnd)
          ? BUCKET_OPEN_MS
          : WATCHING_MS;
      default:
        return [];
    }
  });
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

/**
 * The test events of a type, asked for as long as one of them goes on.
 *
 * @param isAllowed - nothing is asked for without it
 */
export function useTestEvents(
  name: string,
  isAllowed: boolean,
): PollingState<TestEvent[]> {
  const api = useApi(deliveryApiRef);
  const [intervalMs, setIntervalMs] = useState<number>();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const events = isAllowed
        ? await api.listTestEvents(name, { signal })
        : [];
      setIntervalMs(pollEveryMs(events, new Date()));
      return events;
    },
    [api, name, isAllowed],
  );
  return usePolling(load, { intervalMs });
}
