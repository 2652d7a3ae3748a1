/**
 * The closed list of what the ledger refuses to do.
 *
 * @public
 */
export type LedgerErrorCode =
  /** Someone else has claimed the lease since: stop, the work is theirs. */
  | 'fencing_token_stale'
  /** The partition is sealed and will not change; a correction is a new revision. */
  | 'partition_already_sealed'
  | 'partition_not_found'
  /** Only a bucket that a sealer has found waiting can be closed by force. */
  | 'bucket_not_waiting'
  /** The counts given at sealing do not add up to what was accepted. */
  | 'counts_do_not_balance'
  /** A partition was sealed after the keys of this one were looked up. */
  | 'event_ids_not_seen'
  /** Another partition of the type may be published and is not sealed yet. */
  | 'another_partition_is_publishing'
  /** Id files that were merged do not all count any more. */
  | 'id_files_changed'
  /** Only sealed partitions can be made again. */
  | 'partition_not_sealed'
  /** What a partition was sealed from is not kept any more. */
  | 'staged_files_gone'
  /** No batch of the buckets lies in another partition than its own. */
  | 'nothing_to_reshuffle'
  /** Another operation is about to make one of the partitions again. */
  | 'revision_in_progress'
  | 'revision_not_found'
  /** Only what has been previewed can be approved. */
  | 'revision_not_previewed'
  /** The preview is too old, or what it was made from has changed since. */
  | 'revision_expired'
  /** The operation is over, or its revisions are being published already. */
  | 'revision_not_cancellable'
  /** The operation is no longer at the step that was being worked on. */
  | 'revision_moved_on'
  /** A producer has two write keys already: one is given up before a third. */
  | 'too_many_live_keys'
  /** Test events of the type wait for their answer: it is given first. */
  | 'too_many_test_events'
  /** An expired or revoked write key neither changes nor has a successor. */
  | 'write_key_not_live';

/** @public */
export class LedgerError extends Error {
  constructor(readonly code: LedgerErrorCode, message: string) {
    super(message);
    this.name = 'LedgerError';
  }
}

/**
 * Thrown when a holder acts under a lease that has meanwhile been claimed
 * again. Nothing of the attempted operation was written.
 *
 * @public
 */
export class FencingError extends LedgerError {
  constructor(readonly resource: string, readonly fencingToken: bigint) {
    super(
      'fencing_token_stale',
      `Fencing token ${fencingToken} of ${resource} is no longer the newest: the lease was claimed by someone else`,
    );
    this.name = 'FencingError';
  }
}
