import {
  RevisionChangeRecord,
  RevisionCounts,
  RevisionKind,
  RevisionProblemCode,
  RevisionRecord,
  RevisionSource,
  RevisionState,
  RevisionStep,
} from './revisionTypes';

/** SELECT list of an operation with its changes; its table has the alias `o`. */
export const REVISION_COLUMNS = `
  o.operation_id AS "operationId", o.event_type AS "eventType", o.kind, o.state,
  o.buckets, o.requested_by AS "requestedBy", o.requested_at AS "requestedAt",
  o.previewed_at AS "previewedAt", o.approved_by AS "approvedBy",
  o.approved_at AS "approvedAt", o.reason, o.step, o.done, o.total,
  o.problem_code AS "problemCode", o.problem_message AS "problemMessage",
  o.finished_at AS "finishedAt",
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'bucketStart', c.bucket_start, 'bucketSeconds', c.bucket_seconds,
       'fromRevision', c.from_revision, 'toRevision', c.to_revision,
       'source', c.source, 'batches', c.batches, 'batchesIn', c.batches_in,
       'batchesOut', c.batches_out,
       'schemaVersionBefore', c.schema_version_before,
       'schemaVersionAfter', c.schema_version_after,
       'before', c.counts_before, 'after', c.counts_after)
     ORDER BY c.bucket_start), '[]')
   FROM revision_changes c WHERE c.operation_id = o.operation_id) AS changes`;

/** A row of {@link REVISION_COLUMNS}. */
export interface RevisionRow {
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  state: RevisionState;
  buckets: Date[];
  requestedBy: string;
  requestedAt: Date;
  previewedAt: Date | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  reason: string | null;
  step: RevisionStep | null;
  done: number | null;
  total: number | null;
  problemCode: RevisionProblemCode | null;
  problemMessage: string | null;
  finishedAt: Date | null;
  changes: {
    /** From JSON, so text. */
    bucketStart: string;
    bucketSeconds: number;
    fromRevision: number;
    toRevision: number;
    source: RevisionSource;
    batches: number;
    batchesIn: number;
    batchesOut: number;
    schemaVersionBefore: number | null;
    schemaVersionAfter: number | null;
    before: RevisionCounts;
    after: RevisionCounts | null;
  }[];
}

export function toRevisionRecord(row: RevisionRow): RevisionRecord {
  const { step, done, total, problemCode, problemMessage } = row;
  const isWorkedOn = row.state === 'previewing' || row.state === 'running';
  return {
    operationId: row.operationId,
    eventType: row.eventType,
    kind: row.kind,
    state: row.state,
    buckets: row.buckets,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    previewedAt: row.previewedAt ?? undefined,
    approvedBy: row.approvedBy ?? undefined,
    approvedAt: row.approvedAt ?? undefined,
    reason: row.reason ?? undefined,
    changes: row.changes.map(toChangeRecord),
    progress:
      isWorkedOn && step !== null
        ? { step, done: done ?? 0, total: total ?? 0 }
        : undefined,
    problem:
      problemCode !== null
        ? { code: problemCode, message: problemMessage ?? '' }
        : undefined,
    finishedAt: row.finishedAt ?? undefined,
  };
}

function toChangeRecord(
  change: RevisionRow['changes'][number],
): RevisionChangeRecord {
  const bucketStart = new Date(change.bucketStart);
  return {
    ...change,
    bucketStart,
    bucketEnd: new Date(bucketStart.getTime() + change.bucketSeconds * 1000),
    schemaVersionBefore: change.schemaVersionBefore ?? undefined,
    schemaVersionAfter: change.schemaVersionAfter ?? undefined,
    after: change.after ?? undefined,
  };
}
