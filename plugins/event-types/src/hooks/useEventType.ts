import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  EventType,
  EventTypeEvolution,
  VersionWithStep,
} from '@millrace/plugin-event-types-common';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../api';

/** Declarations change by people: looking twice a minute is often enough. */
const REFRESH_INTERVAL_MS = 30_000;

/** An event type at its newest version. */
export function useEventType(name: string): PollingState<EventType> {
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.getEventType(name, { signal }),
    [api, name],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

/** The schema versions of an event type, newest first. */
export function useVersions(name: string): PollingState<VersionWithStep[]> {
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.listVersions(name, { signal }),
    [api, name],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

/** How an event type may change, and what it is changing into. */
export function useEvolution(name: string): PollingState<EventTypeEvolution> {
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.getEvolution(name, { signal }),
    [api, name],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
