import type { RevisionKind } from '@millrace/plugin-delivery-common';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { isRevisionKind } from './describeRevision';

/** The parts of the address bar that say which repair is open. */
const PARAMS = {
  eventType: 'repair',
  operationId: 'operation',
  kind: 'kind',
  buckets: 'buckets',
} as const;

/** A repair as the address bar has it: being asked for, or an operation. */
export interface RepairAddress {
  /** Empty while it is being chosen. */
  eventType: string;
  /** Missing until a preview was asked for. */
  operationId?: string;
  kind?: RevisionKind;
  /** Starts of buckets, RFC 3339. */
  buckets: string[];
}

/**
 * The repair in the address bar, so that a reload, or another operator with the
 * link, sees the same; and the way to change it. `undefined` is none.
 */
export function useRepairAddress(): {
  address: RepairAddress | undefined;
  open: (address: RepairAddress | undefined) => void;
  hrefOf: (address: RepairAddress) => string;
} {
  const [search, setSearch] = useSearchParams();
  const eventType = search.get(PARAMS.eventType);
  const operationId = search.get(PARAMS.operationId) || undefined;
  const kind = search.get(PARAMS.kind);
  const buckets = search.get(PARAMS.buckets) ?? '';

  const address = useMemo(
    (): RepairAddress | undefined =>
      eventType === null
        ? undefined
        : {
            eventType,
            operationId,
            kind: isRevisionKind(kind) ? kind : undefined,
            buckets: buckets.split(',').filter(Boolean),
          },
    [eventType, operationId, kind, buckets],
  );
  const open = useCallback(
    (next: RepairAddress | undefined) =>
      setSearch(current => withRepair(current, next)),
    [setSearch],
  );
  const hrefOf = useCallback(
    (next: RepairAddress) => `?${withRepair(search, next)}`,
    [search],
  );
  return { address, open, hrefOf };
}

/** The address of a repair on a page that shows nothing else. */
export function repairSearch(address: RepairAddress): URLSearchParams {
  return withRepair(new URLSearchParams(), address);
}

function withRepair(
  search: URLSearchParams,
  address: RepairAddress | undefined,
): URLSearchParams {
  const next = new URLSearchParams(search);
  Object.values(PARAMS).forEach(name => next.delete(name));
  if (!address) {
    return next;
  }
  next.set(PARAMS.eventType, address.eventType);
  if (address.operationId) {
    // What was asked for is part of the operation from here on.
    next.set(PARAMS.operationId, address.operationId);
    return next;
  }
  if (address.kind) {
    next.set(PARAMS.kind, address.kind);
  }
  if (address.buckets.length > 0) {
    next.set(PARAMS.buckets, address.buckets.join(','));
  }
  return next;
}
