import type { RevisionChangeRecord, RevisionRecord } from '@millrace/ledger';
import type {
  RevisionChange,
  RevisionOperation,
} from '@millrace/plugin-delivery-common';

/** An operation as the API gives it. */
export function toOperation(record: RevisionRecord): RevisionOperation {
  return {
    operationId: record.operationId,
    eventType: record.eventType,
    kind: record.kind,
    state: record.state,
    buckets: record.buckets.map(start => start.toISOString()),
    requestedBy: record.requestedBy,
    requestedAt: record.requestedAt.toISOString(),
    approvedBy: record.approvedBy,
    approvedAt: record.approvedAt?.toISOString(),
    reason: record.reason,
    changes: record.changes.map(toChange),
    progress: record.progress,
    problem: record.problem,
    finishedAt: record.finishedAt?.toISOString(),
  };
}

function toChange(change: RevisionChangeRecord): RevisionChange {
  return {
    bucketStart: change.bucketStart.toISOString(),
    bucketEnd: change.bucketEnd.toISOString(),
    fromRevision: change.fromRevision,
    toRevision: change.toRevision,
    batches: change.batches,
    batchesIn: change.batchesIn,
    batchesOut: change.batchesOut,
    schemaVersionBefore: change.schemaVersionBefore,
    schemaVersionAfter: change.schemaVersionAfter,
    before: change.before,
    after: change.after,
  };
}
