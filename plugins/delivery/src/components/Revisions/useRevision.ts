import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type { RevisionOperation } from '@millrace/plugin-delivery-common';
import { useCallback, useRef } from 'react';
import { deliveryApiRef } from '../../api';
import { isFinished } from './describeRevision';

const REFRESH_INTERVAL_MS = 1000;

/** One operation, kept fresh until nothing about it changes any more. */
export function useRevision(
  eventType: string,
  operationId: string,
): PollingState<RevisionOperation> {
  const api = useApi(deliveryApiRef);
  const finishedRef = useRef<RevisionOperation>();
  const load = useCallback(
    async (signal: AbortSignal) => {
      // History is read once.
      if (finishedRef.current?.operationId === operationId) {
        return finishedRef.current;
      }
      const operation = await api.getRevision(eventType, operationId, {
        signal,
      });
      if (isFinished(operation)) {
        finishedRef.current = operation;
      }
      return operation;
    },
    [api, eventType, operationId],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
