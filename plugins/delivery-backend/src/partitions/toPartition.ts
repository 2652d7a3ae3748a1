import type {
  PartitionDetailRecord,
  PartitionRecord,
  SinkLoadRecord,
} from '@millrace/ledger';
import type {
  PartitionDetail,
  PartitionSinkLoad,
  PartitionSummary,
} from '@millrace/plugin-delivery-common';

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

/** With files, manifest, the decision that closed it, and its sinks. */
export function toPartitionDetail(
  record: PartitionDetailRecord,
  sinkLoads: SinkLoadRecord[],
): PartitionDetail {
  return {
    ...toPartitionSummary(record),
    files: record.files,
    manifestPath: record.manifestPath,
    manifestSha256: record.manifestSha256,
    schemaVersion: record.schemaVersion,
    sinks: sinkLoads.length > 0 ? sinkLoads.map(toSinkLoad) : undefined,
    decision: isObject(record.decision) ? record.decision : {},
  };
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
