import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** How far the auditor has come. @public */
export interface AuditSummary {
  /** Sealed partitions that readers see. */
  livePartitions: number;
  /** Of these, audited since the given time. */
  auditedSince: number;
  neverAudited: number;
  /** Of the live partition whose audit is oldest. */
  oldestAuditAt?: Date;
  newestAuditAt?: Date;
  openCritical: number;
  openWarnings: number;
  acknowledged: number;
}

/**
 * Counts live partitions by how recently they were audited, and findings by
 * state, of all event types or of some.
 *
 * @public
 */
export async function summarizeAudits(
  db: Knex,
  options: { since: Date; eventTypes?: string[] },
): Promise<AuditSummary> {
  const { since, eventTypes } = options;
  const ofTypes = eventTypes ? 'AND event_type = ANY (:eventTypes)' : '';
  const bindings = { since, ...(eventTypes && { eventTypes }) };
  const [partitions] = await queryRows<{
    live: string;
    auditedSince: string;
    never: string;
    oldest: Date | null;
    newest: Date | null;
  }>(
    db,
    `SELECT count(*) AS live,
       count(*) FILTER (WHERE audited_at >= :since) AS "auditedSince",
       count(*) FILTER (WHERE audited_at IS NULL) AS never,
       min(audited_at) AS oldest, max(audited_at) AS newest
     FROM partitions
     WHERE state = 'sealed' AND superseded_at IS NULL ${ofTypes}`,
    bindings,
  );
  const [findings] = await queryRows<{
    critical: string;
    warnings: string;
    acknowledged: string;
  }>(
    db,
    `SELECT
       count(*) FILTER (WHERE state = 'open' AND severity = 'critical')
         AS critical,
       count(*) FILTER (WHERE state = 'open' AND severity = 'warning')
         AS warnings,
       count(*) FILTER (WHERE state = 'acknowledged') AS acknowledged
     FROM audit_findings WHERE state <> 'resolved' ${ofTypes}`,
    eventTypes ? { eventTypes } : {},
  );
  return {
    livePartitions: Number(partitions.live),
    auditedSince: Number(partitions.auditedSince),
    neverAudited: Number(partitions.never),
    oldestAuditAt: partitions.oldest ?? undefined,
    newestAuditAt: partitions.newest ?? undefined,
    openCritical: Number(findings.critical),
    openWarnings: Number(findings.warnings),
    acknowledged: Number(findings.acknowledged),
  };
}
