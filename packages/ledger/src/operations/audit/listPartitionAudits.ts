import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { AuditFindingCode } from './findingCodes';

/** The last audit of a partition. @public */
export interface PartitionAuditRecord {
  eventType: string;
  bucketStart: Date;
  revision: number;
  /** The rest is missing while the partition was never audited. */
  audit?: {
    auditedAt: Date;
    audits: number;
    checks: AuditFindingCode[];
    rowsRead: number;
    bytesRead: number;
  };
  /** Not resolved. */
  findings: number;
}

/** @public */
export interface ListPartitionAuditsOptions {
  eventType: string;
  /** Only buckets that start before it: the last row of the page before. */
  before?: Date;
  /** Only this bucket. */
  bucketStart?: Date;
  limit: number;
}

/**
 * The last audits of the live partitions of an event type, newest bucket first.
 *
 * @public
 */
export async function listPartitionAudits(
  db: Knex,
  options: ListPartitionAuditsOptions,
): Promise<PartitionAuditRecord[]> {
  const rows = await queryRows<{
    eventType: string;
    bucketStart: Date;
    revision: number;
    auditedAt: Date | null;
    audits: number;
    checks: AuditFindingCode[];
    rowsRead: string;
    bytesRead: string;
    findings: string;
  }>(
    db,
    `SELECT p.event_type AS "eventType", p.bucket_start AS "bucketStart",
       p.revision, a.audited_at AS "auditedAt", a.audits, a.checks,
       a.rows_read AS "rowsRead", a.bytes_read AS "bytesRead",
       (SELECT count(*) FROM audit_findings f
        WHERE f.partition_id = p.partition_id AND f.state <> 'resolved')
         AS findings
     FROM partitions p LEFT JOIN partition_audits a USING (partition_id)
     WHERE p.event_type = :eventType AND p.bucket_start < :before
       ${options.bucketStart ? 'AND p.bucket_start = :bucketStart' : ''}
       AND p.state = 'sealed' AND p.superseded_at IS NULL
     ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT :limit`,
    {
      eventType: options.eventType,
      before: options.before ?? 'infinity',
      limit: options.limit,
      ...(options.bucketStart && { bucketStart: options.bucketStart }),
    },
  );
  return rows.map(row => ({
    eventType: row.eventType,
    bucketStart: row.bucketStart,
    revision: row.revision,
    audit: row.auditedAt
      ? {
          auditedAt: row.auditedAt,
          audits: row.audits,
          checks: row.checks,
          rowsRead: Number(row.rowsRead),
          bytesRead: Number(row.bytesRead),
        }
      : undefined,
    findings: Number(row.findings),
  }));
}
