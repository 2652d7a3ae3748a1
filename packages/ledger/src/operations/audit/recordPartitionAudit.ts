import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { AuditFinding, partitionScope } from './auditTypes';
import { AuditFindingCode } from './findingCodes';
import { SavedFindings, saveFindings } from './saveFindings';

/** @public */
export interface RecordPartitionAuditOptions {
  /** The lease of the share, from `auditResource`, and its token. */
  resource: string;
  fencingToken: bigint;
  partitionId: string;
  /** Who audited. */
  auditor: string;
  auditedAt: Date;
  /** Codes whose checks were carried out, so that silence about them counts. */
  checks: AuditFindingCode[];
  findings: AuditFinding[];
  rowsRead: number;
  bytesRead: number;
  /** Of manifest and files, when all of them could be read. */
  contentDigest?: string;
}

/**
 * Keeps the result of one audit of a partition.
 *
 * Guarantees, in one transaction: under a stale fencing token nothing happens
 * and `FencingError` is thrown; the audit and its findings become visible
 * together; a finding seen before stays the same, one not found any more is
 * resolved; the digest is kept of the first audit without a finding, and never
 * replaced.
 *
 * @public
 */
export async function recordPartitionAudit(
  db: Knex,
  options: RecordPartitionAuditOptions,
): Promise<SavedFindings> {
  const { partitionId, checks, findings, auditedAt, resource, fencingToken } =
    options;
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, { resource, fencingToken });
    await tx.raw(
      `INSERT INTO partition_audits (partition_id, first_audited_at, audited_at,
         audits, auditor, checks, rows_read, bytes_read, content_digest)
       VALUES (:partitionId, :auditedAt, :auditedAt, 1, :auditor, :checks,
         :rowsRead, :bytesRead, :contentDigest)
       ON CONFLICT (partition_id) DO UPDATE SET
         audited_at = excluded.audited_at, auditor = excluded.auditor,
         audits = partition_audits.audits + 1, checks = excluded.checks,
         rows_read = excluded.rows_read, bytes_read = excluded.bytes_read,
         content_digest = coalesce(partition_audits.content_digest,
           excluded.content_digest)`,
      {
        partitionId,
        auditedAt,
        auditor: options.auditor,
        checks,
        rowsRead: options.rowsRead,
        bytesRead: options.bytesRead,
        contentDigest:
          findings.length === 0 ? options.contentDigest ?? null : null,
      },
    );
    await tx.raw(
      `UPDATE partitions SET audited_at = :auditedAt
       WHERE partition_id = :partitionId`,
      { partitionId, auditedAt },
    );
    return saveFindings(tx, {
      scope: partitionScope(partitionId),
      partitionId,
      checks,
      findings,
      now: auditedAt,
    });
  });
}
