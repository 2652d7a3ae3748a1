import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { AuditFindingRecord, AuditFindingState } from './auditTypes';
import { FINDING_COLUMNS, FindingRow, toFindingRecord } from './findingRow';
import { AuditFindingCode } from './findingCodes';

/** Everything given must hold. @public */
export interface ListAuditFindingsOptions {
  /** Only of these; default: of all. */
  eventTypes?: string[];
  states?: AuditFindingState[];
  code?: AuditFindingCode;
  bucketStart?: Date;
  /** Continue after this row of the page before. */
  before?: { firstSeenAt: Date; findingId: string };
  limit: number;
}

/**
 * Findings, those first seen last first, a page at a time.
 *
 * @public
 */
export async function listAuditFindings(
  db: Knex,
  options: ListAuditFindingsOptions,
): Promise<AuditFindingRecord[]> {
  const { eventTypes, states, code, bucketStart, before, limit } = options;
  const conditions = [
    eventTypes && 'f.event_type = ANY (:eventTypes)',
    states && 'f.state = ANY (:states)',
    code && 'f.code = :code',
    bucketStart && 'f.bucket_start = :bucketStart',
    before &&
      '(f.first_seen_at, f.finding_id) < (:firstSeenAt, :findingId::uuid)',
  ].filter(condition => condition !== undefined);
  const rows = await queryRows<FindingRow>(
    db,
    `SELECT ${FINDING_COLUMNS} FROM audit_findings f
     WHERE ${['true', ...conditions].join(' AND ')}
     ORDER BY f.first_seen_at DESC, f.finding_id DESC LIMIT :limit`,
    {
      limit,
      ...(eventTypes && { eventTypes }),
      ...(states && { states }),
      ...(code && { code }),
      ...(bucketStart && { bucketStart }),
      ...before,
    },
  );
  return rows.map(toFindingRecord);
}
