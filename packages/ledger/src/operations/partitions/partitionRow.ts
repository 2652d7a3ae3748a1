import { PartitionRecord, PartitionState } from '../../types';

/** SELECT list of a partition; the table must have the alias `p`. */
export const PARTITION_COLUMNS = `
  p.partition_id AS "partitionId", p.event_type AS "eventType",
  p.bucket_start AS "bucketStart", p.bucket_seconds AS "bucketSeconds",
  p.bucket_end AS "bucketEnd", p.revision, p.state, p.sealed_at AS "sealedAt",
  coalesce(p.first_sealed_at, p.sealed_at) AS "firstSealedAt",
  p.accepted, p.delivered, p.duplicates, p.refused, p.conflicts, p.skewed,
  p.bytes, p.schema_version AS "schemaVersion"`;

/**
 * Picks the revision that readers see: the newest sealed one, or the first while
 * it is being sealed. The table must have the alias `p`.
 */
export const IS_CURRENT = `
  p.superseded_at IS NULL AND (p.state = 'sealed' OR p.revision = 1)`;

/** A row of {@link PARTITION_COLUMNS}; Postgres' bigint arrives as text. */
export interface PartitionRow {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  state: PartitionState;
  sealedAt: Date | null;
  /** Of the first revision: a repair does not make a partition late. */
  firstSealedAt: Date | null;
  accepted: string;
  delivered: string;
  duplicates: string;
  refused: string;
  conflicts: string;
  skewed: string;
  bytes: string;
  schemaVersion: number | null;
}

export function toPartitionRecord(row: PartitionRow): PartitionRecord {
  const sealedAt = row.sealedAt ?? undefined;
  return {
    partitionId: row.partitionId,
    eventType: row.eventType,
    bucketStart: row.bucketStart,
    bucketSeconds: row.bucketSeconds,
    bucketEnd: row.bucketEnd,
    revision: row.revision,
    state: row.state,
    empty: row.state === 'sealed' && Number(row.delivered) === 0,
    sealedAt,
    latenessMs:
      row.firstSealedAt === null
        ? undefined
        : row.firstSealedAt.getTime() - row.bucketEnd.getTime(),
    accepted: Number(row.accepted),
    delivered: Number(row.delivered),
    duplicates: Number(row.duplicates),
    refused: Number(row.refused),
    conflicts: Number(row.conflicts),
    skewed: Number(row.skewed),
    bytes: Number(row.bytes),
    schemaVersion: row.schemaVersion ?? undefined,
  };
}
