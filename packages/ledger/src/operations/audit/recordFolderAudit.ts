import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { AuditFinding, folderScope } from './auditTypes';
import { SavedFindings, saveFindings } from './saveFindings';

/** @public */
export interface RecordFolderAuditOptions {
  /** The lease of the search, from `auditResource`, and its token. */
  resource: string;
  fencingToken: bigint;
  eventType: string;
  auditor: string;
  auditedAt: Date;
  /** `unknown_file` and `unknown_partition`. */
  findings: AuditFinding[];
  /** Seen in the folder. */
  objects: number;
}

/**
 * Keeps the result of one search of an event type's folder; guarantees as
 * `recordPartitionAudit`.
 *
 * @public
 */
export async function recordFolderAudit(
  db: Knex,
  options: RecordFolderAuditOptions,
): Promise<SavedFindings> {
  const { eventType, auditedAt, resource, fencingToken } = options;
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, { resource, fencingToken });
    await tx.raw(
      `INSERT INTO lake_audits (event_type, audited_at, audits, auditor, objects)
       VALUES (:eventType, :auditedAt, 1, :auditor, :objects)
       ON CONFLICT (event_type) DO UPDATE SET
         audited_at = excluded.audited_at, auditor = excluded.auditor,
         audits = lake_audits.audits + 1, objects = excluded.objects`,
      {
        eventType,
        auditedAt,
        auditor: options.auditor,
        objects: options.objects,
      },
    );
    return saveFindings(tx, {
      scope: folderScope(eventType),
      checks: ['unknown_file', 'unknown_partition'],
      findings: options.findings,
      now: auditedAt,
    });
  });
}
