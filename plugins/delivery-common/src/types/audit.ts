/**
 * How bad a finding of the auditor is. `critical`: data is lost, doubled or not
 * what was sealed. `warning`: nothing that readers see is wrong.
 *
 * @public
 */
export type AuditSeverity = 'critical' | 'warning';

/**
 * - `open`: found, and nobody has said anything.
 * - `acknowledged`: somebody sees to it.
 * - `resolved`: a later audit did not find it any more.
 *
 * @public
 */
export type AuditFindingState = 'open' | 'acknowledged' | 'resolved';

/**
 * Every code a finding can have; what to do about each is in the operations
 * manual.
 *
 * @public
 */
export const auditFindingCodes = [
  'manifest_missing',
  'manifest_unreadable',
  'manifest_misplaced',
  'manifest_differs_from_ledger',
  'counts_do_not_balance',
  'file_missing',
  'file_size_differs',
  'file_hash_differs',
  'file_unreadable',
  'file_rows_differ',
  'rows_differ_from_manifest',
  'received_outside_bucket',
  'duplicate_in_partition',
  'duplicate_across_partitions',
  'ids_differ',
  'batches_differ_from_accepted',
  'declared_events_differ',
  'declared_batches_missing',
  'changed_since_first_audit',
  'unknown_partition',
  'unknown_file',
] as const;

/** @public */
export type AuditFindingCode = (typeof auditFindingCodes)[number];

/**
 * Something that the auditor found not to be as it should. It holds no value of
 * an event. Times are ISO 8601 in UTC.
 *
 * @public
 */
export interface AuditFinding {
  findingId: string;
  code: AuditFindingCode;
  severity: AuditSeverity;
  state: AuditFindingState;
  message: string;
  eventType: string;
  bucketStart?: string;
  revision?: number;
  file?: string;
  /** Folder of the other partition of a finding about two. */
  peer?: string;
  /** How many events it is about. */
  events?: number;
  producer?: {
    producer: string;
    epoch?: string;
    firstSequence?: number;
    lastSequence?: number;
  };
  gateway?: {
    gateway: string;
    epoch: string;
    firstBatch?: number;
    lastBatch?: number;
  };
  firstSeenAt: string;
  lastSeenAt: string;
  /** By how many audits. */
  seenCount: number;
  acknowledged?: { at: string; by: string; why: string };
  resolvedAt?: string;
}

/**
 * The answer of `GET /audit/findings`, those first seen last first.
 *
 * @public
 */
export interface AuditFindingList {
  items: AuditFinding[];
  /** Give it back as `cursor` for the next page. */
  nextCursor?: string;
}

/**
 * The body of `POST /audit/findings/:findingId/acknowledge`.
 *
 * @public
 */
export interface AuditAcknowledgement {
  /** Kept with the finding, for whoever comes next. */
  why: string;
}

/**
 * The answer of `GET /audit/coverage`, about the event types one may read.
 *
 * @public
 */
export interface AuditCoverage {
  /** Within which every live partition is audited again. */
  cycleSeconds: number;
  livePartitions: number;
  /** Of these, audited within the cycle. */
  auditedWithinCycle: number;
  neverAudited: number;
  /** Of the live partition whose audit is oldest. */
  oldestAuditAt?: string;
  newestAuditAt?: string;
  findings: {
    openCritical: number;
    openWarnings: number;
    acknowledged: number;
  };
}

/**
 * The last audit of one partition.
 *
 * @public
 */
export interface PartitionAudit {
  bucketStart: string;
  revision: number;
  /** Missing while it was never audited. */
  audit?: {
    auditedAt: string;
    /** How often it was audited. */
    audits: number;
    /** What the last audit could look for. */
    checks: AuditFindingCode[];
    rowsRead: number;
    bytesRead: number;
  };
  /** Not resolved. */
  findings: number;
}

/**
 * The answer of `GET /event-types/:name/audits`, newest bucket first.
 *
 * @public
 */
export interface PartitionAuditList {
  items: PartitionAudit[];
}
