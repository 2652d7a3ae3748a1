import type {
  BucketRecord,
  PartitionDetailRecord,
  PartitionRecord,
  PartitionRevisionRecord,
  SinkLoadRecord,
} from '@millrace/ledger';
import type {
  KeySumsVerdict,
  LatenessStages,
  LedgerBucket,
  PartitionDetail,
  PartitionRevision,
  PartitionSinkLoad,
  PartitionSummary,
} from '@millrace/plugin-delivery-common';
import { latenessStages } from './latenessStages';

/** A partition of the ledger as the API tells it. */
export function toPartitionSummary(record: PartitionRecord): PartitionSummary {
  return {
    eventType: record.eventType,
    bucketStart: record.bucketStart.toISOString(),
    bucketEnd: record.bucketEnd.toISOString(),
    revision: record.revision,
    state: record.state,
    empty: record.empty,
    sealedAt: record.sealedAt?.toISOString(),
    latenessMs: record.latenessMs,
    accepted: record.accepted,
    delivered: record.delivered,
    duplicates: record.duplicates,
    refused: record.refused,
    conflicts: record.conflicts,
    skewed: record.skewed,
    bytes: record.bytes,
  };
}

/** Of the first delivery, or `undefined` when there is nothing to tell. */
export function toStages(record: PartitionRecord): LatenessStages | undefined {
  return (
    record.stages &&
    latenessStages(record.stages, {
      bucketEnd: record.bucketEnd,
      hasBatches: record.accepted > 0,
    })
  );
}

/** A closed bucket as a row of the ledger has it. */
export function toLedgerBucket(
  record: BucketRecord,
  options: { objectiveMs: number; now: Date },
): LedgerBucket {
  const expectedBy = expectedByOf(record.bucketEnd, options.objectiveMs);
  return {
    state: record.state,
    expectedBy: expectedBy.toISOString(),
    isLate:
      record.latenessMs === undefined
        ? options.now > expectedBy
        : record.latenessMs > options.objectiveMs,
    isForced: record.isForced,
    partition: toPartitionSummary(record),
    stages: toStages(record),
  };
}

/** When a bucket should be sealed at the latest. */
export function expectedByOf(bucketEnd: Date, objectiveMs: number): Date {
  return new Date(bucketEnd.getTime() + objectiveMs);
}

/** With files, manifest, the decision that closed it, and its sinks. */
export function toPartitionDetail(
  record: PartitionDetailRecord,
  options: {
    objectiveMs: number;
    sinkLoads: SinkLoadRecord[];
    revisions: PartitionRevision[];
    keySums?: KeySumsVerdict;
  },
): PartitionDetail {
  const { objectiveMs, sinkLoads, revisions, keySums } = options;
  return {
    ...toPartitionSummary(record),
    isLive: isLive(record),
    supersededAt: record.supersededAt?.toISOString(),
    expectedBy: expectedByOf(record.bucketEnd, objectiveMs).toISOString(),
    isForced: record.isForced,
    stages: toStages(record),
    revisions,
    keySums,
    files: record.files,
    manifestPath: record.manifestPath,
    manifestSha256: record.manifestSha256,
    schemaVersion: record.schemaVersion,
    sinks: sinkLoads.length > 0 ? sinkLoads.map(toSinkLoad) : undefined,
    decision: isObject(record.decision) ? record.decision : {},
  };
}

/** @param why - of its manifest, where that could be read */
export function toRevision(
  record: PartitionRevisionRecord,
  why: string | undefined,
): PartitionRevision {
  const { revision, state, accepted, delivered, duplicates, refused } = record;
  return {
    revision,
    state,
    isLive: isLive(record),
    sealedAt: record.sealedAt?.toISOString(),
    supersededAt: record.supersededAt?.toISOString(),
    why,
    accepted,
    delivered,
    duplicates,
    refused,
    conflicts: record.conflicts,
    skewed: record.skewed,
    bytes: record.bytes,
  };
}

/** As the ledger picks it: the newest sealed one, or the first of all. */
function isLive(record: PartitionRecord): boolean {
  return (
    record.supersededAt === undefined &&
    (record.state === 'sealed' || record.revision === 1)
  );
}

function toSinkLoad(load: SinkLoadRecord): PartitionSinkLoad {
  const { sink, state, reason, message, rows } = load;
  return {
    sink,
    state,
    reason,
    message,
    nextTryAt: state === 'failed' ? load.nextLookAt.toISOString() : undefined,
    rows,
    loadedAt: load.loadedAt?.toISOString(),
  };
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
