import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import type {
  AttentionLine,
  BucketClosing,
} from '@millrace/plugin-delivery-common';
import { DeliveryClient, deliveryApiRef } from '../../../api';
import { type Routes, backends } from '../../../__testUtils__/estate';
import { operations } from '../../../__testUtils__/operations';
import { permissionsWithout } from '../../../__testUtils__/permissions';
import { rootRouteRef } from '../../../routes';
import { OperationsPage } from '../OperationsPage';

export const BUCKET = '2026-11-21T10:50:00.000Z';

export const WAITS: AttentionLine = {
  code: 'bucket_waiting',
  urgency: 'critical',
  what: 'A bucket of repository.pushed waits and is late',
  why: 'Two are not staged yet',
  since: '2026-11-21T10:51:00.000Z',
  count: 1,
  eventType: 'repository.pushed',
  bucketStart: BUCKET,
  bucketEnd: '2026-11-21T10:51:00.000Z',
};

export const WAITING = {
  items: [
    {
      eventType: 'repository.pushed',
      bucketStart: BUCKET,
      bucketEnd: '2026-11-21T10:51:00.000Z',
      waitingSince: '2026-11-21T10:51:01.000Z',
      decidedAt: '2026-11-21T10:53:05.000Z',
      isStale: false,
      isOverdue: true,
      isForced: false,
      reasons: [{ code: 'batches_missing', message: 'Two are not staged yet' }],
    },
  ],
  total: 1,
};

export function closing(overrides: Partial<BucketClosing> = {}): BucketClosing {
  return {
    eventType: 'repository.pushed',
    bucketStart: BUCKET,
    bucketEnd: '2026-11-21T10:51:00.000Z',
    state: 'waiting',
    message: 'It waits: Two are not staged yet',
    missing: {
      eventsAtMost: 20,
      gateways: [
        {
          gateway: 'gateway-1',
          epoch: 'e1',
          declared: true,
          batches: [2, 4],
          abandonedBatches: [],
          eventsAtMost: 20,
        },
      ],
    },
    ...overrides,
  };
}

export const CLOSING_PATH = `/delivery/event-types/repository.pushed/closing/${BUCKET}`;

/** The page on the given backends, for who lacks some permissions. */
export function renderPage(
  routes: Routes,
  options: { at?: string; denied?: string[] } = {},
) {
  const { fetchApi, requests } = backends({
    'GET /delivery/operations': () => operations(),
    ...routes,
  });
  renderInTestApp(<OperationsPage />, {
    apis: [
      [deliveryApiRef, new DeliveryClient({ fetchApi })],
      permissionsWithout(options.denied ?? []),
    ],
    mountedRoutes: {
      '/delivery': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
    initialRouteEntries: [options.at ?? '/delivery/operations'],
  });
  return { requests };
}
