import { UsageError } from '../errors';

export const LINT_FORMATS = ['human', 'json', 'github'] as const;

export type LintFormat = (typeof LINT_FORMATS)[number];

/** The flags of `millrace lint` as they are typed. */
export interface LintFlags {
  against?: string;
  format?: string;
}

/** What `millrace lint` was asked to do. */
export interface LintOptions {
  files: string[];
  against?: string;
  format: LintFormat;
}

/**
 * Reads the arguments of `millrace lint`.
 *
 * @throws UsageError `invalid_option`
 */
export function parseLintOptions(
  files: string[],
  flags: LintFlags,
): LintOptions {
  const given = flags.format ?? 'human';
  const format = LINT_FORMATS.find(candidate => candidate === given);
  if (!format) {
    throw new UsageError(
      'invalid_option',
      `--format is '${given}'.`,
      `Give one of ${LINT_FORMATS.join(', ')}.`,
    );
  }
  if (files.length === 0) {
    throw new UsageError(
      'invalid_option',
      'There is nothing to lint.',
      'Name files or folders, such as: millrace lint events/',
    );
  }
  if (flags.against === '') {
    throw new UsageError(
      'invalid_option',
      '--against is empty.',
      'Give a file, a folder, or a commit such as origin/main.',
    );
  }
  return { files, against: flags.against, format };
}
