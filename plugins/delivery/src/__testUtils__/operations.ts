import type {
  DeliveryOperations,
  EventTypeStanding,
  RevisionChange,
  RevisionOperation,
} from '@millrace/plugin-delivery-common';

/** An event type that is consumed and has nothing due. */
export function standing(
  eventType: string,
  overrides: Partial<EventTypeStanding> = {},
): EventTypeStanding {
  return {
    eventType,
    tier: 'normal',
    consumption: 'consumed',
    consumer: {
      worker: 'worker-1',
      since: '2026-11-21T10:00:00.000Z',
      until: '2026-11-21T10:53:25.000Z',
    },
    staged: 0,
    due: 0,
    waitingBuckets: 0,
    missingBatches: 0,
    ...overrides,
  };
}

/** Delivery with nothing to do for anybody. */
export function operations(
  overrides: Partial<DeliveryOperations> = {},
): DeliveryOperations {
  return {
    readAt: '2026-11-21T10:53:10.000Z',
    generation: 4,
    attention: { items: [], total: 0 },
    eventTypes: { items: [standing('repository.pushed')], total: 1 },
    processes: [
      {
        role: 'gateway',
        name: 'gateway-1',
        startedAt: '2026-11-21T10:00:00.000Z',
        heartbeatAt: '2026-11-21T10:53:09.000Z',
        state: 'alive',
        generation: 4,
        isBehind: false,
      },
      {
        role: 'worker',
        name: 'worker-1',
        startedAt: '2026-11-21T10:00:00.000Z',
        heartbeatAt: '2026-11-21T10:53:08.000Z',
        state: 'alive',
        generation: 4,
        isBehind: false,
        eventTypes: 1,
        draining: 0,
        leaseUntil: '2026-11-21T10:53:25.000Z',
      },
    ],
    waiting: { items: [], total: 0 },
    sealing: { items: [], total: 0 },
    poison: { items: [], total: 0, scope: 'all' },
    late: { items: [], total: 0 },
    revisions: [],
    auditFindings: { critical: 0, warnings: 0 },
    ...overrides,
  };
}

/** What a redelivery does to the minute from 10:52 on. */
export function change(
  overrides: Partial<RevisionChange> = {},
): RevisionChange {
  const before = {
    accepted: 1204,
    delivered: 1200,
    duplicates: 3,
    refused: 1,
    conflicts: 0,
    skewed: 0,
    bytes: 48_000,
  };
  return {
    bucketStart: '2026-11-21T10:52:00.000Z',
    bucketEnd: '2026-11-21T10:53:00.000Z',
    fromRevision: 1,
    toRevision: 2,
    batches: 4,
    batchesIn: 0,
    batchesOut: 0,
    schemaVersionBefore: 1,
    schemaVersionAfter: 1,
    before,
    after: before,
    ...overrides,
  };
}

/** A redelivery that waits for a decision. */
export function revision(
  overrides: Partial<RevisionOperation> = {},
): RevisionOperation {
  return {
    operationId: 'o1',
    eventType: 'repository.pushed',
    kind: 'redeliver',
    state: 'previewed',
    buckets: ['2026-11-21T10:52:00.000Z'],
    requestedBy: 'user:default/platform',
    requestedAt: '2026-11-21T10:55:00.000Z',
    changes: [change()],
    ...overrides,
  };
}
