/** Why `millrace` refused to start or gave up; the docs mirror this list. */
export type UsageErrorCode =
  | 'invalid_option'
  | 'invalid_environment'
  | 'port_taken'
  | 'data_dir_in_use'
  | 'data_dir_not_ours'
  | 'data_dir_unreadable'
  | 'disk_full'
  | 'database_failed'
  | 'portal_failed'
  | 'demo_failed'
  | 'smoke_failed'
  | 'codegen_failed'
  | 'lint_failed';

/** A failure a person can act on: printed as a sentence and what to do. */
export class UsageError extends Error {
  constructor(
    readonly code: UsageErrorCode,
    message: string,
    readonly todo: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
