import { Knex } from 'knex';
import { queryRows, storableName, storableText } from '../../database/values';
import { AuditFinding, fingerprintOf } from './auditTypes';
import { AuditFindingCode, severityOf } from './findingCodes';

/** What an audit changed about the findings of its scope. @public */
export interface SavedFindings {
  /** Not known before. */
  opened: number;
  /** Known before, and not found any more. */
  resolved: number;
}

/**
 * Makes the unresolved findings of a scope those that an audit found. One that
 * is found again stays the same row, with whatever a person said about it. One
 * that is not found any more is resolved, but only if its check was carried out:
 * an audit that could not look says nothing.
 */
export async function saveFindings(
  tx: Knex.Transaction,
  options: {
    scope: string;
    partitionId?: string;
    checks: AuditFindingCode[];
    findings: AuditFinding[];
    now: Date;
  },
): Promise<SavedFindings> {
  const { scope, checks, now } = options;
  const rows = new Map(
    options.findings.map(finding => {
      const fingerprint = fingerprintOf(finding);
      return [fingerprint, { fingerprint, ...rowOf(finding) }];
    }),
  );
  const resolved = await queryRows(
    tx,
    `UPDATE audit_findings SET state = 'resolved', resolved_at = :now
     WHERE scope = :scope AND state <> 'resolved'
       AND code = ANY (:checks) AND fingerprint <> ALL (:found)
     RETURNING finding_id`,
    { scope, now, checks, found: [...rows.keys()] },
  );
  const saved = await queryRows<{ isNew: boolean }>(
    tx,
    `INSERT INTO audit_findings (scope, fingerprint, partition_id, code,
       severity, message, event_type, bucket_start, revision, file, peer,
       events, producer, producer_epoch, first_sequence, last_sequence,
       gateway, gateway_epoch, first_batch, last_batch,
       first_seen_at, last_seen_at)
     SELECT :scope, f.fingerprint, :partitionId::bigint, f.code, f.severity,
       f.message, f."eventType", f."bucketStart", f.revision, f.file, f.peer,
       f.events, f.producer, f."producerEpoch", f."firstSequence",
       f."lastSequence", f.gateway, f."gatewayEpoch", f."firstBatch",
       f."lastBatch", :now, :now
     FROM jsonb_to_recordset(:rows::jsonb) AS f (fingerprint text, code text,
       severity text, message text, "eventType" text, "bucketStart" timestamptz,
       revision integer, file text, peer text, events bigint, producer text,
       "producerEpoch" text, "firstSequence" bigint, "lastSequence" bigint,
       gateway text, "gatewayEpoch" text, "firstBatch" integer,
       "lastBatch" integer)
     ON CONFLICT (scope, fingerprint) WHERE state <> 'resolved'
     DO UPDATE SET last_seen_at = excluded.last_seen_at,
       seen_count = audit_findings.seen_count + 1,
       message = excluded.message, events = excluded.events,
       first_sequence = excluded.first_sequence,
       last_sequence = excluded.last_sequence,
       last_batch = excluded.last_batch
     RETURNING seen_count = 1 AS "isNew"`,
    {
      scope,
      now,
      partitionId: options.partitionId ?? null,
      rows: JSON.stringify([...rows.values()]),
    },
  );
  return {
    opened: saved.filter(({ isNew }) => isNew).length,
    resolved: resolved.length,
  };
}

function rowOf(finding: AuditFinding) {
  const { producer, gateway } = finding;
  return {
    code: finding.code,
    severity: severityOf(finding.code),
    message: storableText(finding.message),
    eventType: finding.eventType,
    bucketStart: finding.bucketStart,
    revision: finding.revision,
    file: storableName(finding.file),
    peer: storableName(finding.peer),
    events: finding.events,
    producer: storableName(producer?.producer),
    producerEpoch: storableName(producer?.epoch),
    firstSequence: producer?.firstSequence,
    lastSequence: producer?.lastSequence,
    gateway: storableName(gateway?.gateway),
    gatewayEpoch: storableName(gateway?.epoch),
    firstBatch: gateway?.firstBatch,
    lastBatch: gateway?.lastBatch,
  };
}
