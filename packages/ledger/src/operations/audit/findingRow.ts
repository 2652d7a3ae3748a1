import { AuditFindingRecord, AuditFindingState } from './auditTypes';
import { AuditFindingCode, AuditSeverity } from './findingCodes';

/** SELECT list of a finding; the table must have the alias `f`. */
export const FINDING_COLUMNS = `
  f.finding_id AS "findingId", f.code, f.severity, f.message,
  f.event_type AS "eventType", f.bucket_start AS "bucketStart", f.revision,
  f.file, f.peer, f.events, f.producer, f.producer_epoch AS "producerEpoch",
  f.first_sequence AS "firstSequence", f.last_sequence AS "lastSequence",
  f.gateway, f.gateway_epoch AS "gatewayEpoch",
  f.first_batch AS "firstBatch", f.last_batch AS "lastBatch", f.state,
  f.first_seen_at AS "firstSeenAt", f.last_seen_at AS "lastSeenAt",
  f.seen_count AS "seenCount", f.acknowledged_at AS "acknowledgedAt",
  f.acknowledged_by AS "acknowledgedBy",
  f.acknowledged_why AS "acknowledgedWhy", f.resolved_at AS "resolvedAt"`;

/** A row of {@link FINDING_COLUMNS}; Postgres' bigint arrives as text. */
export interface FindingRow {
  findingId: string;
  code: AuditFindingCode;
  severity: AuditSeverity;
  message: string;
  eventType: string;
  bucketStart: Date | null;
  revision: number | null;
  file: string | null;
  peer: string | null;
  events: string | null;
  producer: string | null;
  producerEpoch: string | null;
  firstSequence: string | null;
  lastSequence: string | null;
  gateway: string | null;
  gatewayEpoch: string | null;
  firstBatch: number | null;
  lastBatch: number | null;
  state: AuditFindingState;
  firstSeenAt: Date;
  lastSeenAt: Date;
  seenCount: number;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  acknowledgedWhy: string | null;
  resolvedAt: Date | null;
}

export function toFindingRecord(row: FindingRow): AuditFindingRecord {
  const { producer, gateway, gatewayEpoch } = row;
  const { acknowledgedAt, acknowledgedBy, acknowledgedWhy } = row;
  return {
    findingId: row.findingId,
    code: row.code,
    severity: row.severity,
    message: row.message,
    eventType: row.eventType,
    bucketStart: row.bucketStart ?? undefined,
    revision: row.revision ?? undefined,
    file: row.file ?? undefined,
    peer: row.peer ?? undefined,
    events: numberOf(row.events),
    producer:
      producer === null
        ? undefined
        : {
            producer,
            epoch: row.producerEpoch ?? undefined,
            firstSequence: numberOf(row.firstSequence),
            lastSequence: numberOf(row.lastSequence),
          },
    gateway:
      gateway === null || gatewayEpoch === null
        ? undefined
        : {
            gateway,
            epoch: gatewayEpoch,
            firstBatch: row.firstBatch ?? undefined,
            lastBatch: row.lastBatch ?? undefined,
          },
    state: row.state,
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
    seenCount: row.seenCount,
    acknowledged:
      acknowledgedAt && acknowledgedBy !== null && acknowledgedWhy !== null
        ? { at: acknowledgedAt, by: acknowledgedBy, why: acknowledgedWhy }
        : undefined,
    resolvedAt: row.resolvedAt ?? undefined,
  };
}

function numberOf(value: string | null): number | undefined {
  return value === null ? undefined : Number(value);
}
