import type { PartitionDetailRecord, PartitionRecord } from '@millrace/ledger';
import type {
  PartitionDetail,
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

/** With files, manifest and the decision that closed it. */
export function toPartitionDetail(
  record: PartitionDetailRecord,
): PartitionDetail {
  return {
    ...toPartitionSummary(record),
    files: record.files,
    manifestPath: record.manifestPath,
    manifestSha256: record.manifestSha256,
    schemaVersion: record.schemaVersion,
    decision: isObject(record.decision) ? record.decision : {},
  };
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
