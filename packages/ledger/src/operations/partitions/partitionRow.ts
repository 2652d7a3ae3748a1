import {
  PartitionRecord,
  PartitionStageTimes,
  PartitionState,
} from '../../types';

/**
 * What is known of the first revision of the bucket of `p`; NULL when `p` is
 * that revision itself. A lookup by the unique key, for revised buckets only.
 */
const FIRST_DELIVERY = `
  CASE WHEN p.revision > 1 THEN (
    SELECT jsonb_build_object('sealedAt', f.sealed_at, 'beganAt', f.began_at,
      'lastReceivedAt', f.last_received_at,
      'lastPublishedAt', f.last_published_at,
      'lastStagedAt', f.last_staged_at)
    FROM partitions f
    WHERE f.event_type = p.event_type AND f.bucket_start = p.bucket_start
      AND f.revision = 1
  ) END`;

/** SELECT list of a partition; the table must have the alias `p`. */
export const PARTITION_COLUMNS = `
  p.partition_id AS "partitionId", p.event_type AS "eventType",
  p.bucket_start AS "bucketStart", p.bucket_seconds AS "bucketSeconds",
  p.bucket_end AS "bucketEnd", p.revision, p.state, p.began_at AS "beganAt",
  p.sealed_at AS "sealedAt", p.superseded_at AS "supersededAt",
  p.last_received_at AS "lastReceivedAt",
  p.last_published_at AS "lastPublishedAt",
  p.last_staged_at AS "lastStagedAt", ${FIRST_DELIVERY} AS "firstDelivery",
  p.accepted, p.delivered, p.duplicates, p.refused, p.conflicts, p.skewed,
  p.bytes, p.schema_version AS "schemaVersion"`;

/**
 * Picks the revision that readers see: the newest sealed one, or the first while
 * it is being sealed. The table must have the alias `p`.
 */
export const IS_CURRENT = `
  p.superseded_at IS NULL AND (p.state = 'sealed' OR p.revision = 1)`;

/** When the bucket of `p`, which must be sealed, was sealed first. */
export const FIRST_SEALED_AT = 'coalesce(p.first_sealed_at, p.sealed_at)';

/** Whether the bucket of `p` was closed by order of a person, not by the rule. */
export const IS_FORCED = `
  CASE WHEN EXISTS (
    SELECT FROM forced_closings o
    WHERE o.event_type = p.event_type AND o.bucket_start = p.bucket_start
  ) THEN EXISTS (
    SELECT FROM partitions f
    WHERE f.event_type = p.event_type AND f.bucket_start = p.bucket_start
      AND f.revision = 1 AND f.decision ->> 'rule' = 'forced'
  ) ELSE false END`;

/** Of the first delivery; in a JSON object the times are texts. */
interface StageColumns<T> {
  beganAt: T;
  sealedAt: T | null;
  lastReceivedAt: T | null;
  lastPublishedAt: T | null;
  lastStagedAt: T | null;
}

/** A row of {@link PARTITION_COLUMNS}; Postgres' bigint arrives as text. */
export interface PartitionRow extends StageColumns<Date> {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  state: PartitionState;
  supersededAt: Date | null;
  firstDelivery: StageColumns<string> | null;
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
  const stages = toStageTimes(row.firstDelivery ?? row);
  return {
    partitionId: row.partitionId,
    eventType: row.eventType,
    bucketStart: row.bucketStart,
    bucketSeconds: row.bucketSeconds,
    bucketEnd: row.bucketEnd,
    revision: row.revision,
    state: row.state,
    empty: row.state === 'sealed' && Number(row.delivered) === 0,
    sealedAt: row.sealedAt ?? undefined,
    supersededAt: row.supersededAt ?? undefined,
    latenessMs: stages && stages.sealedAt.getTime() - row.bucketEnd.getTime(),
    stages,
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

function toStageTimes(
  row: StageColumns<Date | string>,
): PartitionStageTimes | undefined {
  const sealedAt = dateOf(row.sealedAt);
  return (
    sealedAt && {
      lastReceivedAt: dateOf(row.lastReceivedAt),
      lastPublishedAt: dateOf(row.lastPublishedAt),
      lastStagedAt: dateOf(row.lastStagedAt),
      closedAt: new Date(row.beganAt),
      sealedAt,
    }
  );
}

function dateOf(value: Date | string | null): Date | undefined {
  return value === null ? undefined : new Date(value);
}
