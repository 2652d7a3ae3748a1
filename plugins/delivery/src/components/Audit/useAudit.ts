import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  AuditCoverage,
  AuditFindingList,
} from '@millrace/plugin-delivery-common';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';

const PAGE_SIZE = 200;
const REFRESH_INTERVAL_MS = 10_000;

/** What is not resolved, and how far the auditor has come; kept fresh. */
export function useAudit(eventType: string | undefined): PollingState<{
  findings: AuditFindingList;
  coverage: AuditCoverage;
}> {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [findings, coverage] = await Promise.all([
        api.listAuditFindings({ eventType, limit: PAGE_SIZE }, { signal }),
        api.getAuditCoverage({ signal }),
      ]);
      return { findings, coverage };
    },
    [api, eventType],
  );
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}
