import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Event types whose folder in the lake was not searched since the given time,
 * those never searched first. Removed types are among them: their partitions
 * stay.
 *
 * @public
 */
export async function listFoldersToAudit(
  db: Knex,
  options: { dueBefore: Date; limit: number },
): Promise<string[]> {
  const rows = await queryRows<{ eventType: string }>(
    db,
    `SELECT t.event_type AS "eventType"
     FROM event_types t LEFT JOIN lake_audits a USING (event_type)
     WHERE a.audited_at IS NULL OR a.audited_at < :dueBefore
     ORDER BY a.audited_at NULLS FIRST, t.event_type LIMIT :limit`,
    options,
  );
  return rows.map(({ eventType }) => eventType);
}
