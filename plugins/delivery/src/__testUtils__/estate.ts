import { mockApis } from '@backstage/frontend-test-utils';
import type {
  DeliveryOverviewRow,
  DeliveryStatus,
  LedgerBucket,
  LedgerLine,
  LedgerPage,
  LedgerRow,
  PartitionDetail,
  PartitionSummary,
} from '@millrace/plugin-delivery-common';

/** Ten seconds into the minute after the newest sealed one. */
export const NOW = new Date('2026-11-21T10:53:10Z');

const MINUTE_MS = 60_000;

/** The partition of a minute, sealed some seconds after its end. */
export function partition(
  bucketStart: string,
  overrides: Partial<PartitionSummary> = {},
): PartitionSummary {
  const end = Date.parse(bucketStart) + MINUTE_MS;
  const latenessMs = overrides.latenessMs ?? 4000;
  return {
    eventType: 'repository.pushed',
    bucketStart,
    bucketEnd: new Date(end).toISOString(),
    revision: 1,
    state: 'sealed',
    empty: false,
    sealedAt: new Date(end + latenessMs).toISOString(),
    latenessMs,
    accepted: 1204,
    delivered: 1200,
    duplicates: 3,
    refused: 1,
    conflicts: 0,
    skewed: 2,
    bytes: 48_000,
    ...overrides,
  };
}

export function detail(
  overrides: Partial<PartitionDetail> = {},
): PartitionDetail {
  return {
    ...partition('2026-11-21T10:52:00.000Z'),
    isLive: true,
    expectedBy: '2026-11-21T10:54:00.000Z',
    isForced: false,
    revisions: [],
    files: [
      { name: 'part-00000.parquet', rows: 1200, bytes: 48_000, sha256: 'ab12' },
    ],
    manifestPath:
      'repository.pushed/dt=2026-11-21/hh=10/mi=52/r0001/manifest.json',
    manifestSha256: 'cd34',
    schemaVersion: 1,
    decision: { rule: 'every gateway declared', inputs: { gateways: [] } },
    ...overrides,
  };
}

/** The line of a bucket of which everything is sealed. */
export function ledgerLine(overrides: Partial<LedgerLine> = {}): LedgerLine {
  return {
    accepted: 1204,
    delivered: 1200,
    duplicates: 3,
    refused: 1,
    inFlight: {
      total: 0,
      staged: 0,
      unreadable: 0,
      notArrived: 0,
      missingBatches: 0,
    },
    difference: 0,
    isDeclared: true,
    completeness: 1203 / 1204,
    ...overrides,
  };
}

/** A minute of the ledger: sealed four seconds after its end, unless told otherwise. */
export function ledgerRow(
  start: string,
  overrides: Partial<LedgerBucket> = {},
  line: LedgerLine = ledgerLine(),
): LedgerRow {
  const { state = 'sealed', isLate = false, isForced = false } = overrides;
  const isSealed = state === 'sealed';
  const sealed = overrides.partition ?? partition(start);
  const end = Date.parse(start) + MINUTE_MS;
  const latenessMs = sealed.latenessMs ?? 0;
  const one = (is: boolean) => (is ? 1 : 0);
  return {
    start,
    end: new Date(end).toISOString(),
    line,
    buckets: {
      sealed: one(isSealed),
      late: one(isSealed && isLate),
      empty: one(isSealed && sealed.empty),
      revised: one(isSealed && sealed.revision > 1),
      forced: one(isSealed && isForced),
      sealing: one(state === 'sealing'),
      waiting: one(state === 'waiting'),
    },
    lateness: isSealed
      ? { medianMs: latenessMs, maxMs: latenessMs }
      : undefined,
    skewed: isSealed ? sealed.skewed : 0,
    conflicts: 0,
    bytes: isSealed ? sealed.bytes : 0,
    bucket: {
      state,
      isLate,
      isForced,
      expectedBy: new Date(end + MINUTE_MS).toISOString(),
      partition: isSealed ? sealed : undefined,
      stages: isSealed
        ? {
            lastReceivedAt: new Date(end - 200).toISOString(),
            lastPublishedAt: new Date(end + 300).toISOString(),
            lastStagedAt: new Date(end + 1000).toISOString(),
            closedAt: new Date(end + 2500).toISOString(),
            sealedAt: new Date(end + latenessMs).toISOString(),
            shares: [
              { stage: 'publish', ms: 300 },
              { stage: 'stage', ms: 700 },
              { stage: 'close', ms: 1500 },
              { stage: 'seal', ms: latenessMs - 2500 },
            ],
          }
        : undefined,
      ...overrides,
    },
  };
}

/** The ledger of one day, which is that of the last 24 hours too. */
export function dayRow(overrides: Partial<LedgerRow> = {}): LedgerRow {
  const { bucket: _, ...minute } = ledgerRow('2026-11-21T00:00:00.000Z');
  return {
    ...minute,
    end: '2026-11-22T00:00:00.000Z',
    buckets: { ...minute.buckets, sealed: 653 },
    lateness: { medianMs: 3000, maxMs: 9000 },
    ...overrides,
  };
}

export function ledgerPage(overrides: Partial<LedgerPage> = {}): LedgerPage {
  return {
    unit: 'bucket',
    items: [],
    bucketSeconds: 60,
    objectiveMs: 60_000,
    ...overrides,
  };
}

/** An event type that is delivered on time. */
export function row(
  eventType: string,
  overrides: Partial<DeliveryOverviewRow> = {},
): DeliveryOverviewRow {
  return {
    eventType,
    owner: 'group:default/webhooks',
    tier: 'normal',
    objectiveMs: 60_000,
    conditions: (
      ['Declared', 'Provisioned', 'Receiving', 'Delivering'] as const
    ).map(type => ({
      type,
      reached: true,
      at: '2026-11-21T10:00:00Z',
      message: '',
    })),
    recent: [partition('2026-11-21T10:52:00.000Z', { eventType })],
    last24h: {
      accepted: 1204,
      delivered: 1200,
      duplicates: 3,
      refusedAtSealing: 1,
      refusedAtGateway: 5,
      skewed: 2,
    },
    inFlight: 0,
    lateness: { p50Ms: 3000, p99Ms: 9000, maxMs: 12_000 },
    lastReceivedAt: '2026-11-21T10:53:08Z',
    ...overrides,
  };
}

export function status(
  overrides: Partial<DeliveryStatus> = {},
): DeliveryStatus {
  return {
    mode: 'embedded',
    processes: (['broker', 'gateway', 'worker'] as const).map((role, at) => ({
      role,
      state: 'running',
      pid: 100 + at,
      startedAt: '2026-11-21T10:00:00Z',
      restarts: 0,
    })),
    gateways: [
      {
        gateway: 'gateway-1',
        epoch: 'e1',
        startedAt: '2026-11-21T10:00:00Z',
        heartbeatAt: '2026-11-21T10:53:09Z',
        alive: true,
        generation: 4,
        url: 'http://127.0.0.1:7008',
      },
    ],
    workers: [
      {
        worker: 'worker-1',
        heartbeatAt: '2026-11-21T10:53:09Z',
        alive: true,
        eventTypes: 3,
      },
    ],
    gatewayUrl: 'http://127.0.0.1:7008',
    bucketSeconds: 60,
    generation: 4,
    ledger: { isReachable: true },
    reconciler: { failedRounds: 0, failing: [] },
    ...overrides,
  };
}

/** What the backends answer, by method and path without the query. */
export type Routes = {
  [route: string]: (request: {
    query: URLSearchParams;
    body: unknown;
  }) => unknown;
};

/** An error as Backstage's error middleware serialises it. */
export function failure(statusCode: number, message: string): Response {
  const name = statusCode === 403 ? 'NotAllowedError' : 'NotFoundError';
  return Response.json(
    { error: { name, message }, response: { statusCode } },
    { status: statusCode },
  );
}

/** The backends at their network edge: what no route is given for is a 404. */
export function backends(routes: Routes): {
  fetchApi: ReturnType<typeof mockApis.fetch>;
  requests: string[];
} {
  const requests: string[] = [];
  const fetchApi = mockApis.fetch({
    baseImplementation: async (input, init) => {
      const url = new URL(String(input).replace('plugin://', 'http://test/'));
      const path = decodeURIComponent(url.pathname);
      requests.push(`${init?.method ?? 'GET'} ${path}${url.search}`);
      const answer = routes[`${init?.method ?? 'GET'} ${path}`]?.({
        query: url.searchParams,
        body: init?.body ? JSON.parse(String(init.body)) : undefined,
      });
      if (answer instanceof Response) {
        return answer;
      }
      return answer === undefined
        ? failure(404, `Nothing at ${path}`)
        : Response.json(answer);
    },
  });
  return { fetchApi, requests };
}
