/** The closed list of reasons for which a bucket cannot be sealed now. */
export type SealerErrorCode =
  /** No config snapshot has the event type, so its columns are unknown. */
  | 'schema_unknown'
  /** A staged file is missing, cut short, or holds other events than recorded. */
  | 'staged_file_damaged'
  /** The fates of the events do not add up to what was accepted. */
  | 'counts_do_not_balance'
  /** A published partition differs from what its staged files give. */
  | 'published_partition_differs'
  /** An id file is not what was written, or a merge has lost ids. */
  | 'id_file_damaged'
  /** Another sealer has taken over the event type. */
  | 'lease_lost'
  /** A shard of a large bucket fails, whichever worker takes it. */
  | 'shard_failed'
  /** Another worker has taken the shard. */
  | 'shard_lost'
  /** What a worker said of a shard is not what it has left. */
  | 'shard_result_differs';

export class SealerError extends Error {
  constructor(
    readonly code: SealerErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'SealerError';
  }
}

/**
 * What an error says. Not by `instanceof`: errors of native modules may belong
 * to another realm.
 */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}
