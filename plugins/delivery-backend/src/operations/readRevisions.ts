import { listRevisions, type RevisionRecord } from '@millrace/ledger';
import type { RevisionSummary } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';

/** Nobody has so many open at once. */
const MAX_OPEN = 200;
const MAX_RECENT = 100;

/**
 * Operations that are open, and those that ended lately, newest first: two
 * statements.
 */
export async function readRevisions(
  ledger: Knex,
  options: {
    /** `undefined` is all. */
    eventTypes?: string[];
    endedSince: Date;
  },
): Promise<RevisionSummary[]> {
  const { eventTypes, endedSince } = options;
  const seen = eventTypes && new Set(eventTypes);
  const [open, recent] = await Promise.all([
    listRevisions(ledger, { open: true, limit: MAX_OPEN }),
    listRevisions(ledger, { limit: MAX_RECENT }),
  ]);
  const records = new Map(
    [...open, ...recent].map(record => [record.operationId, record]),
  );
  return [...records.values()]
    .filter(
      ({ eventType, finishedAt }) =>
        (!seen || seen.has(eventType)) &&
        (!finishedAt || finishedAt >= endedSince),
    )
    .sort((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime())
    .map(toSummary);
}

function toSummary(record: RevisionRecord): RevisionSummary {
  return {
    operationId: record.operationId,
    eventType: record.eventType,
    kind: record.kind,
    state: record.state,
    buckets: record.buckets.length,
    firstBucket: record.buckets
      .reduce((first, start) => (start < first ? start : first))
      .toISOString(),
    requestedBy: record.requestedBy,
    requestedAt: record.requestedAt.toISOString(),
    approvedBy: record.approvedBy,
    reason: record.reason,
    progress: record.progress,
    problem: record.problem,
    finishedAt: record.finishedAt?.toISOString(),
  };
}
