/** The closed list of reasons for which an audit cannot be carried out. */
export type AuditorErrorCode =
  /** The share was taken over by another auditor. */
  | 'lease_lost'
  /** There is no such folder, or it is not one. */
  | 'lake_not_found'
  /** The folder is not a lake: nothing in it lies where partitions lie. */
  | 'not_a_lake'
  /** Not a Parquet file, or one whose footer contradicts itself. */
  | 'not_parquet'
  /** The auditor was told to stop. */
  | 'stopped';

/** Thrown by the auditor; `code` is for machines, the message for people. */
export class AuditorError extends Error {
  constructor(
    readonly code: AuditorErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'AuditorError';
  }
}

/**
 * What an error says. Not by `instanceof`: errors of native modules may belong
 * to another realm.
 */
export function wordsOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

/** The machine-readable code of an error, where it has one. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error
    ? error.code
    : undefined;
}
