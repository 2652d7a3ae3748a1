import type { LintFormat } from './options';
import type { LintProblem, LintResult } from './problems';

/** A result as lines, in a format. */
export function formatResult(result: LintResult, format: LintFormat): string[] {
  switch (format) {
    case 'json':
      return [formatJson(result)];
    case 'github':
      return formatGithub(result);
    default:
      return formatHuman(result);
  }
}

function formatHuman(result: LintResult): string[] {
  const lines: string[] = [];
  let file: string | undefined;
  for (const problem of result.problems) {
    if (problem.file !== file) {
      ({ file } = problem);
      lines.push('', printable(file));
    }
    const place = `${problem.line}:${problem.column}`.padEnd(8);
    const mark = problem.severity === 'error' ? '✖ error  ' : '▲ warning';
    lines.push(
      `  ${place}${mark}  ${printable(problem.message)}  ${problem.code}`,
    );
    if (problem.suggestion) {
      lines.push(
        `  ${''.padEnd(17)}  → semanticType: ${
          problem.suggestion.semanticType
        }`,
      );
    }
  }
  return [...lines, '', summaryOf(result)];
}

/** One object: what a script reads. Problems in the order of the files. */
function formatJson(result: LintResult): string {
  const { files, declarations, problems } = result;
  return JSON.stringify({
    ok: countOf(problems, 'error') === 0,
    files,
    declarations,
    errors: countOf(problems, 'error'),
    warnings: countOf(problems, 'warning'),
    problems,
  });
}

/**
 * Workflow commands of GitHub Actions: each becomes a note at its line in the
 * change. What a file says cannot begin a command of its own: line ends are
 * escaped, as are the characters that end a property.
 */
function formatGithub(result: LintResult): string[] {
  return [
    ...result.problems.map(problem => {
      const { file, line, column, code, message } = problem;
      const properties = [
        `file=${escapeProperty(file)}`,
        `line=${line}`,
        `col=${column}`,
        `title=${escapeProperty(code)}`,
      ];
      return `::${problem.severity} ${properties.join(',')}::${escapeData(
        message,
      )}`;
    }),
    summaryOf(result),
  ];
}

function escapeData(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function summaryOf({ files, declarations, problems }: LintResult): string {
  const errors = countOf(problems, 'error');
  const warnings = countOf(problems, 'warning');
  const seen = `${count(declarations, 'declaration')} in ${count(
    files,
    'file',
  )}`;
  const noted = warnings > 0 ? `, ${count(warnings, 'warning')}` : '';
  return errors > 0
    ? `✖ ${count(errors, 'error')}${noted}; ${seen}`
    : `✔ No errors${noted}; ${seen}`;
}

function countOf(
  problems: readonly LintProblem[],
  severity: LintProblem['severity'],
): number {
  return problems.filter(problem => problem.severity === severity).length;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}

/** Without what would move the cursor, or turn the direction of a line. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
