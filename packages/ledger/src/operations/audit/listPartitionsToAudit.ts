import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface ListPartitionsToAuditOptions {
  /** Of the shares the partitions are divided into, counted from 0. */
  share: number;
  shares: number;
  /** A partition that was audited before this is due again. */
  dueBefore: Date;
  limit: number;
}

/** @public */
export interface PartitionToAudit {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  /** Of all its files, by the ledger. */
  bytes: number;
  /** `undefined` when it was never audited. */
  auditedAt?: Date;
}

const COLUMNS = `
  partition_id AS "partitionId", event_type AS "eventType",
  bucket_start AS "bucketStart", bytes, audited_at AS "auditedAt"`;

/** Exported so that a test can look at its plan. */
export const LIST_PARTITIONS_TO_AUDIT_SQL = `
  (SELECT ${COLUMNS} FROM partitions
   WHERE state = 'sealed' AND superseded_at IS NULL AND audited_at IS NULL
     AND partition_id % :shares = :share
   ORDER BY sealed_at LIMIT :limit)
  UNION ALL
  (SELECT ${COLUMNS} FROM partitions
   WHERE state = 'sealed' AND superseded_at IS NULL
     AND audited_at < :dueBefore AND partition_id % :shares = :share
   ORDER BY audited_at LIMIT :limit)
  UNION ALL
  (SELECT ${COLUMNS} FROM partitions
   WHERE state = 'sealed' AND superseded_at IS NOT NULL
     AND (audited_at IS NULL OR audited_at < :dueBefore)
     AND partition_id % :shares = :share
   ORDER BY audited_at NULLS FIRST LIMIT :limit)
  LIMIT :limit`;

/**
 * The partitions of one share that are due: of the live ones those never audited
 * first, the oldest of them first, then those whose audit is oldest; last those
 * that a revision has replaced, which can still be read. Reads along three small
 * indexes, so that asking costs the same in a year of history as in a day.
 *
 * @public
 */
export async function listPartitionsToAudit(
  db: Knex,
  options: ListPartitionsToAuditOptions,
): Promise<PartitionToAudit[]> {
  const rows = await queryRows<{
    partitionId: string;
    eventType: string;
    bucketStart: Date;
    bytes: string;
    auditedAt: Date | null;
  }>(db, LIST_PARTITIONS_TO_AUDIT_SQL, { ...options });
  return rows.map(row => ({
    ...row,
    bytes: Number(row.bytes),
    auditedAt: row.auditedAt ?? undefined,
  }));
}
