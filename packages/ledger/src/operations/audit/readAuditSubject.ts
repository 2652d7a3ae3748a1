import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionCounts, PartitionFile } from '../../types';
import { AuditFindingRecord, partitionScope } from './auditTypes';
import { FINDING_COLUMNS, FindingRow, toFindingRecord } from './findingRow';

/** What the ledger says of a partition that is to be audited. @public */
export interface AuditSubject extends PartitionCounts {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  sealedAt: Date;
  isSuperseded: boolean;
  bytes: number;
  manifestPath?: string;
  manifestSha256?: string;
  files: PartitionFile[];
  /** Of manifest and files, as the first clean audit read them. */
  contentDigest?: string;
  /** Those of earlier audits that have not been resolved. */
  unresolved: AuditFindingRecord[];
}

/** Which partition; a revision is needed only where it is not live. @public */
export type ReadAuditSubjectOptions =
  | { partitionId: string }
  | { eventType: string; bucketStart: Date; revision: number };

/**
 * Everything the ledger has on a sealed partition that its files can be
 * compared with, or `undefined` when there is none that is sealed.
 *
 * A statement of the auditor's own, on purpose: what sealing and the portal read
 * by could be wrong.
 *
 * @public
 */
export async function readAuditSubject(
  db: Knex,
  options: ReadAuditSubjectOptions,
): Promise<AuditSubject | undefined> {
  const isById = 'partitionId' in options;
  const [row] = await queryRows<SubjectRow>(
    db,
    `SELECT p.partition_id AS "partitionId", p.event_type AS "eventType",
       p.bucket_start AS "bucketStart", p.bucket_seconds AS "bucketSeconds",
       p.bucket_end AS "bucketEnd", p.revision, p.sealed_at AS "sealedAt",
       p.superseded_at IS NOT NULL AS "isSuperseded",
       p.accepted, p.delivered, p.duplicates, p.refused, p.conflicts, p.skewed,
       p.bytes, p.manifest_path AS "manifestPath",
       p.manifest_sha256 AS "manifestSha256",
       a.content_digest AS "contentDigest",
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name,
            'rows', f.rows, 'bytes', f.bytes, 'sha256', f.sha256)
          ORDER BY f.name), '[]')
        FROM partition_files f WHERE f.partition_id = p.partition_id) AS files
     FROM partitions p LEFT JOIN partition_audits a USING (partition_id)
     WHERE p.state = 'sealed' AND ${
       isById
         ? 'p.partition_id = :partitionId'
         : `p.event_type = :eventType AND p.bucket_start = :bucketStart
            AND p.revision = :revision`
     }`,
    { ...options },
  );
  if (!row) {
    return undefined;
  }
  const findings = await queryRows<FindingRow>(
    db,
    `SELECT ${FINDING_COLUMNS} FROM audit_findings f
     WHERE f.scope = :scope AND f.state <> 'resolved'`,
    { scope: partitionScope(row.partitionId) },
  );
  return {
    partitionId: row.partitionId,
    eventType: row.eventType,
    bucketStart: row.bucketStart,
    bucketSeconds: row.bucketSeconds,
    bucketEnd: row.bucketEnd,
    revision: row.revision,
    sealedAt: row.sealedAt,
    isSuperseded: row.isSuperseded,
    accepted: Number(row.accepted),
    delivered: Number(row.delivered),
    duplicates: Number(row.duplicates),
    refused: Number(row.refused),
    conflicts: Number(row.conflicts),
    skewed: Number(row.skewed),
    bytes: Number(row.bytes),
    manifestPath: row.manifestPath ?? undefined,
    manifestSha256: row.manifestSha256 ?? undefined,
    files: row.files,
    contentDigest: row.contentDigest ?? undefined,
    unresolved: findings.map(toFindingRecord),
  };
}

interface SubjectRow {
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  sealedAt: Date;
  isSuperseded: boolean;
  accepted: string;
  delivered: string;
  duplicates: string;
  refused: string;
  conflicts: string;
  skewed: string;
  bytes: string;
  manifestPath: string | null;
  manifestSha256: string | null;
  contentDigest: string | null;
  files: PartitionFile[];
}
