import { LedgerError, RevisionProblemCode } from '@millrace/ledger';
import { SealerError } from '../sealer';

/** Says why an operation can never succeed. Nothing has changed by it. */
export class RevisionError extends Error {
  constructor(readonly code: RevisionProblemCode, message: string) {
    super(message);
    this.name = 'RevisionError';
  }
}

/** Thrown to end what is in hand when the worker is to stop. */
export class StoppedError extends Error {
  constructor() {
    super('The worker stops');
    this.name = 'StoppedError';
  }
}

/**
 * Why no further attempt would do better, or `undefined` when one might.
 */
export function problemOf(
  error: unknown,
): { code: RevisionProblemCode; message: string } | undefined {
  if (error instanceof RevisionError) {
    return { code: error.code, message: error.message };
  }
  if (error instanceof SealerError) {
    const { code, message } = error;
    return code === 'staged_file_damaged' ||
      code === 'schema_unknown' ||
      code === 'counts_do_not_balance'
      ? { code, message }
      : undefined;
  }
  return error instanceof LedgerError && error.code === 'counts_do_not_balance'
    ? { code: error.code, message: error.message }
    : undefined;
}

/** Somebody has cancelled it, or another worker has gone on with it. */
export function isOver(error: unknown): boolean {
  return (
    error instanceof StoppedError ||
    (error instanceof LedgerError &&
      (error.code === 'revision_moved_on' ||
        error.code === 'fencing_token_stale')) ||
    (error instanceof SealerError && error.code === 'lease_lost')
  );
}

/** Others have to be done first. */
export function isWaiting(error: unknown): boolean {
  return (
    error instanceof LedgerError &&
    (error.code === 'another_partition_is_publishing' ||
      error.code === 'event_ids_not_seen')
  );
}
