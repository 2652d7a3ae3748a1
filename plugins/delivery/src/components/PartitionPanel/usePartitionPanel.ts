import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  isDenied,
  isNotFound,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  BucketClosing,
  BucketLine,
  LineDetail,
  PartitionAudit,
  PartitionDetail,
} from '@millrace/plugin-delivery-common';
import { toError } from '@backstage/errors';
import { useCallback, useEffect, useState } from 'react';
import { deliveryApiRef } from '../../api';

/** A bucket that is not sealed changes within seconds. */
const UNSETTLED_INTERVAL_MS = 5_000;
/** One that is sealed changes when it gets a revision, is audited or loaded. */
const SETTLED_INTERVAL_MS = 60_000;

/** Everything about one bucket. */
export interface BucketKnowledge {
  line: LineDetail<BucketLine>;
  closing: BucketClosing;
  /** Missing until it is closed. */
  partition?: PartitionDetail;
  /** Of the live revision; missing for who may not see audits. */
  audit?: PartitionAudit;
}

/** Nothing, where there is nothing or somebody may not see it. */
async function optional<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (cause) {
    const error = toError(cause);
    if (isNotFound(error) || isDenied(error)) {
      return undefined;
    }
    throw error;
  }
}

/** A bucket and its partition, in four requests, kept fresh. */
export function usePartitionPanel(
  name: string,
  bucketStart: string,
  revision: number | undefined,
): PollingState<BucketKnowledge> {
  const api = useApi(deliveryApiRef);
  const [isSettled, setSettled] = useState(false);
  const load = useCallback(
    async (signal: AbortSignal): Promise<BucketKnowledge> => {
      const [line, closing, partition, audits] = await Promise.all([
        api.getBucketLine(name, bucketStart, { signal }),
        api.getClosing(name, bucketStart, { signal }),
        // A revision that is asked for by number has to be there.
        revision === undefined
          ? optional(api.getPartition(name, { bucketStart }, { signal }))
          : api.getPartition(name, { bucketStart, revision }, { signal }),
        optional(api.getPartitionAudit(name, bucketStart, { signal })),
      ]);
      return { line, closing, partition, audit: audits?.items[0] };
    },
    [api, name, bucketStart, revision],
  );
  const state = usePolling(load, {
    intervalMs: isSettled ? SETTLED_INTERVAL_MS : UNSETTLED_INTERVAL_MS,
  });
  const isSealed =
    state.value?.partition?.state === 'sealed' &&
    state.value.line.line.inFlight.total === 0;
  useEffect(() => setSettled(isSealed), [isSealed]);
  return state;
}
