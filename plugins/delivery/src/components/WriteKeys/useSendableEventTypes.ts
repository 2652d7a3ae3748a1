import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { writeKeyRevokePermission } from '@millrace/plugin-delivery-common';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';

const REFRESH_INTERVAL_MS = 30_000;

export interface SendableEventTypes {
  /** Names, sorted. */
  eventTypes: string[];
  /** Whether one may create keys for all event types, also those to come. */
  mayNameAll: boolean;
}

/** The event types one may create keys for: one's own, or every one. */
export function useSendableEventTypes(): PollingState<SendableEventTypes> {
  const api = useApi(deliveryApiRef);
  const identityApi = useApi(identityApiRef);
  const { allowed: isPlatformTeam } = usePermission({
    permission: writeKeyRevokePermission,
  });
  const load = useCallback(
    async (signal: AbortSignal): Promise<SendableEventTypes> => {
      const [rows, { ownershipEntityRefs }] = await Promise.all([
        api.getOverview({ signal }),
        identityApi.getBackstageIdentity(),
      ]);
      return {
        eventTypes: rows
          .filter(
            ({ owner }) =>
              isPlatformTeam || ownershipEntityRefs.includes(owner),
          )
          .map(({ eventType }) => eventType)
          .sort(),
        mayNameAll: isPlatformTeam,
      };
    },
    [api, identityApi, isPlatformTeam],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
