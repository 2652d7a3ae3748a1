import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { AuditFindingRecord } from './auditTypes';
import { FINDING_COLUMNS, FindingRow, toFindingRecord } from './findingRow';

/** One finding, or `undefined`. @public */
export async function getAuditFinding(
  db: Knex,
  options: { findingId: string },
): Promise<AuditFindingRecord | undefined> {
  const [row] = await queryRows<FindingRow>(
    db,
    `SELECT ${FINDING_COLUMNS} FROM audit_findings f
     WHERE f.finding_id = :findingId::uuid`,
    options,
  );
  return row && toFindingRecord(row);
}
