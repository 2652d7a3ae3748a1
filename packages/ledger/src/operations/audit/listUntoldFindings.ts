import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { AuditFindingRecord } from './auditTypes';
import { FINDING_COLUMNS, FindingRow, toFindingRecord } from './findingRow';

/**
 * Open findings that nobody was told of, oldest first. A finding that was
 * resolved before anybody could be told is not among them.
 *
 * @public
 */
export async function listUntoldFindings(
  db: Knex,
  options: { limit: number },
): Promise<AuditFindingRecord[]> {
  const rows = await queryRows<FindingRow>(
    db,
    `SELECT ${FINDING_COLUMNS} FROM audit_findings f
     WHERE f.notified_at IS NULL AND f.state = 'open'
     ORDER BY f.first_seen_at, f.finding_id LIMIT :limit`,
    options,
  );
  return rows.map(toFindingRecord);
}
