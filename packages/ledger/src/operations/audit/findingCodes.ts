/**
 * How bad a finding is.
 *
 * - `critical`: data is lost, doubled or not what was sealed, or nobody can
 *   tell any more.
 * - `warning`: nothing readers see is wrong, but something is there that should
 *   not be, or is missing that may still come.
 *
 * @public
 */
export type AuditSeverity = 'critical' | 'warning';

/**
 * The closed list of what an audit can find, with its severity. What to do about
 * each is in `docs/operations.md`.
 */
const SEVERITIES = {
  /** The ledger has a sealed partition whose manifest is not in the lake. */
  manifest_missing: 'critical',
  /** A manifest is not JSON, or lacks what every manifest has. */
  manifest_unreadable: 'critical',
  /** A manifest speaks of another endpoint, bucket or revision than its folder. */
  manifest_misplaced: 'critical',
  /** The manifest is not the one that was sealed, by its hash or its content. */
  manifest_differs_from_ledger: 'critical',
  /** `accepted = delivered + duplicates + refused` does not hold. */
  counts_do_not_balance: 'critical',
  /** A file that was sealed is gone. */
  file_missing: 'critical',
  /** A file has another length than was sealed. */
  file_size_differs: 'critical',
  /** A file has other bytes than were sealed. */
  file_hash_differs: 'critical',
  /** A file cannot be read as Parquet, or lacks the columns of the envelope. */
  file_unreadable: 'critical',
  /** A file holds another number of rows than was sealed. */
  file_rows_differ: 'critical',
  /** The rows have other conflicts or times than the manifest says. */
  rows_differ_from_manifest: 'critical',
  /** Rows whose receive time is not inside the bucket, and not counted as skew. */
  received_outside_bucket: 'critical',
  /** Rows of one partition share source and id without being marked. */
  duplicate_in_partition: 'critical',
  /** A row is also in another partition of the horizon, without being marked. */
  duplicate_across_partitions: 'critical',
  /** The file of ids holds other ids than the rows have. */
  ids_differ: 'critical',
  /** Accepted is not what the batches that were sealed into it hold. */
  batches_differ_from_accepted: 'critical',
  /** A gateway declared another number of events than arrived. */
  declared_events_differ: 'critical',
  /** Batches that a gateway declared have never arrived. */
  declared_batches_missing: 'critical',
  /** Manifest or files are not those of the first audit, however well they fit. */
  changed_since_first_audit: 'critical',
  /** The lake has a published partition that the ledger does not know. */
  unknown_partition: 'critical',
  /** The lake has a file that no manifest names. */
  unknown_file: 'warning',
} as const satisfies { [code: string]: AuditSeverity };

/** @public */
export type AuditFindingCode = keyof typeof SEVERITIES;

/** Every code an audit can find. @public */
export const auditFindingCodes = Object.keys(SEVERITIES) as AuditFindingCode[];

/** @public */
export function severityOf(code: AuditFindingCode): AuditSeverity {
  return SEVERITIES[code];
}
