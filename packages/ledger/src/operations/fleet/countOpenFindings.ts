import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** How many findings of the auditor nobody has said anything about. @public */
export interface OpenFindings {
  critical: number;
  warnings: number;
  /** Of the open ones, when the oldest was first seen. */
  oldestAt?: Date;
}

/**
 * Counts open findings along the index of the open ones.
 *
 * @param options - `eventTypes`: `undefined` is all there ever were
 *
 * @public
 */
export async function countOpenFindings(
  db: Knex,
  options: { eventTypes?: string[] } = {},
): Promise<OpenFindings> {
  const [row] = await queryRows<{
    critical: number;
    warnings: number;
    oldestAt: Date | null;
  }>(
    db,
    `SELECT count(*) FILTER (WHERE severity = 'critical')::integer AS critical,
       count(*) FILTER (WHERE severity = 'warning')::integer AS warnings,
       min(first_seen_at) AS "oldestAt"
     FROM audit_findings
     WHERE state = 'open' AND (:eventTypes::text[] IS NULL
       OR event_type = ANY (:eventTypes::text[]))`,
    { eventTypes: options.eventTypes ?? null },
  );
  return { ...row, oldestAt: row.oldestAt ?? undefined };
}
