import { createHash } from 'node:crypto';
import { AuditFindingCode, AuditSeverity } from './findingCodes';

/**
 * Something that is not as it should be. It says where, and never holds a value
 * of an event.
 *
 * @public
 */
export interface AuditFinding {
  code: AuditFindingCode;
  /** What is wrong, for the person who has to act on it. */
  message: string;
  eventType: string;
  bucketStart?: Date;
  revision?: number;
  /** Name inside the folder of the revision, or a key of the lake. */
  file?: string;
  /** Folder of the other partition of a finding about two. */
  peer?: string;
  /** How many events it is about. */
  events?: number;
  /** Whose events, where they say so; sequences are the first and the last. */
  producer?: {
    producer: string;
    epoch?: string;
    firstSequence?: number;
    lastSequence?: number;
  };
  /** Which batches. */
  gateway?: {
    gateway: string;
    epoch: string;
    firstBatch?: number;
    lastBatch?: number;
  };
}

/** @public */
export type AuditFindingState = 'open' | 'acknowledged' | 'resolved';

/** A finding as the ledger keeps it. @public */
export interface AuditFindingRecord extends AuditFinding {
  findingId: string;
  severity: AuditSeverity;
  state: AuditFindingState;
  firstSeenAt: Date;
  lastSeenAt: Date;
  seenCount: number;
  acknowledged?: { at: Date; by: string; why: string };
  resolvedAt?: Date;
}

/** The lease under which a share of the partitions is audited. @public */
export function auditResource(share: string): string {
  return `audit:${share}`;
}

/** What one audit of a partition covers. */
export function partitionScope(partitionId: string): string {
  return `partition:${partitionId}`;
}

/** What one search of a type's folder covers. */
export function folderScope(eventType: string): string {
  return `folder:${eventType}`;
}

/**
 * Tells findings of one scope apart. Without the numbers: a damage that grows
 * is the same finding, seen again.
 */
export function fingerprintOf(finding: AuditFinding): string {
  const { code, file, peer, producer, gateway } = finding;
  const parts = [
    code,
    finding.bucketStart?.toISOString(),
    finding.revision,
    file,
    peer,
    producer?.producer,
    producer?.epoch,
    gateway?.gateway,
    gateway?.epoch,
    gateway?.firstBatch,
  ];
  return createHash('sha256')
    .update(JSON.stringify(parts.map(part => part ?? null)))
    .digest('hex');
}
