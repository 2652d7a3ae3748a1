import {
  type AuditFinding,
  auditResource,
  claimLease,
  listAuditFindings,
  recordFolderAudit,
} from '@millrace/ledger';
import type { Knex } from 'knex';

/**
 * Records what the auditor found in the folder of an event type, as it does, and
 * gives the id of the finding. Without one everything that was found before is
 * resolved.
 */
export async function recordFinding(
  ledger: Knex,
  options: { eventType: string; finding?: Partial<AuditFinding> | null },
): Promise<string> {
  const { eventType, finding = {} } = options;
  const resource = auditResource('folders');
  const lease = await claimLease(ledger, {
    resource,
    holder: 'test',
    leaseMs: 60_000,
  });
  await recordFolderAudit(ledger, {
    resource,
    fencingToken: lease!.fencingToken,
    eventType,
    auditor: 'test',
    auditedAt: new Date(),
    objects: 1,
    findings: finding
      ? [
          {
            code: 'unknown_file',
            message: `${eventType}/notes.txt is in the lake, and no manifest names it`,
            eventType,
            file: 'notes.txt',
            ...finding,
          },
        ]
      : [],
  });
  const [recorded] = await listAuditFindings(ledger, {
    eventTypes: [eventType],
    limit: 1,
  });
  return recorded?.findingId;
}
