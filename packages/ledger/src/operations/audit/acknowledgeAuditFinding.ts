import { Knex } from 'knex';
import { queryRows, storableText } from '../../database/values';
import { AuditFindingRecord } from './auditTypes';
import { FINDING_COLUMNS, FindingRow, toFindingRecord } from './findingRow';

/** @public */
export interface AcknowledgeAuditFindingOptions {
  findingId: string;
  /** Entity reference. */
  by: string;
  why: string;
}

/**
 * Says that somebody has seen to a finding. It stays until an audit does not
 * find it any more, and is not told again. A resolved one does not change:
 * `undefined`, as when there is none.
 *
 * @public
 */
export async function acknowledgeAuditFinding(
  db: Knex,
  options: AcknowledgeAuditFindingOptions,
): Promise<AuditFindingRecord | undefined> {
  const [row] = await queryRows<FindingRow>(
    db,
    `UPDATE audit_findings f SET state = 'acknowledged',
       acknowledged_at = now(), acknowledged_by = :by, acknowledged_why = :why
     WHERE f.finding_id = :findingId::uuid AND f.state <> 'resolved'
     RETURNING ${FINDING_COLUMNS}`,
    { ...options, why: storableText(options.why) },
  );
  return row && toFindingRecord(row);
}
