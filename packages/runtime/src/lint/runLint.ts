import { UsageError } from '../errors';
import { readEarlier } from './earlier';
import { formatResult } from './formats';
import { type Declaration, lintText } from './lintText';
import { type LintFlags, parseLintOptions } from './options';
import type { LintProblem, LintResult } from './problems';
import { findFiles, readText } from './readFiles';

/** Nothing is in the way. */
const EXIT_OK = 0;
/** There are errors. */
const EXIT_ERRORS = 1;
/** Nothing was linted: bad usage, no such file, no such commit, no declaration. */
const EXIT_NOT_LINTED = 2;

/** @internal */
export interface LintOutput {
  /** The result. */
  print: (line: string) => void;
  /** Complaints: what a pipe does not want. */
  note: (line: string) => void;
}

/**
 * Carries out `millrace lint`: checks declarations as the portal would, without
 * one, and only reads.
 *
 * @returns the exit code: 0 without errors, 1 with some, 2 when nothing could be
 * linted. It never throws, so that no other failure can be taken for a finding.
 */
export async function runLint(
  files: string[],
  flags: LintFlags,
  output: LintOutput = {
    print: line => process.stdout.write(`${line}\n`),
    note: line => process.stderr.write(`${line}\n`),
  },
): Promise<number> {
  try {
    const options = parseLintOptions(files, flags);
    const result = await lintFiles(options.files, options.against);
    formatResult(result, options.format).forEach(output.print);
    return result.problems.some(({ severity }) => severity === 'error')
      ? EXIT_ERRORS
      : EXIT_OK;
  } catch (error) {
    output.note(
      error instanceof UsageError
        ? `\n✖ ${error.message}\n  Do:   ${error.todo}`
        : `\n✖ Nothing was linted: ${
            error instanceof Error ? error.message : String(error)
          }`,
    );
    return EXIT_NOT_LINTED;
  }
}

async function lintFiles(
  given: readonly string[],
  against: string | undefined,
): Promise<LintResult> {
  const files = await findFiles(given);
  const earlier =
    against === undefined ? undefined : await readEarlier(against, files);
  const declarations: Declaration[] = [];
  const problems: LintProblem[] = [];
  for (const file of files) {
    const linted = lintText(await readText(file), file, earlier);
    declarations.push(...linted.declarations);
    problems.push(...linted.problems, ...duplicatesIn(declarations, linted));
  }
  const names = new Set(declarations.map(({ name }) => name));
  for (const gone of earlier?.values() ?? []) {
    if (!names.has(gone.name)) {
      problems.push(removed(gone));
    }
  }
  if (declarations.length === 0 && problems.length === 0) {
    throw new UsageError(
      'lint_failed',
      `No file declares an event type; ${files.length} were read.`,
      'Name files with documents of `kind: EventType`, or the folder they are in.',
    );
  }
  return {
    files: files.length,
    declarations: declarations.length,
    problems,
  };
}

/** Names of the newest file that a declaration before has. */
function duplicatesIn(
  all: readonly Declaration[],
  { declarations }: { declarations: readonly Declaration[] },
): LintProblem[] {
  return declarations
    .filter(
      declaration =>
        all.find(({ name }) => name === declaration.name) !== declaration,
    )
    .map(({ name, file, line, column }) => ({
      file,
      line,
      column,
      severity: 'error',
      code: 'duplicate_event_type',
      pointer: '/metadata/name',
      message: `Another document declares the event type '${name}' too`,
      eventType: name,
    }));
}

function removed({ name, file }: Declaration): LintProblem {
  return {
    file,
    line: 1,
    column: 1,
    severity: 'warning',
    code: 'declaration_removed',
    pointer: '',
    message: `The event type '${name}' is declared no more: it will stay registered and be shown as orphaned`,
    eventType: name,
  };
}
