import type { DeclarationProblem } from '@millrace/plugin-event-types-common';

/** Whether a problem is about the thing at a pointer or something inside it. */
function isAt(problem: DeclarationProblem, pointer: string): boolean {
  return (
    problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`)
  );
}

/** What is wrong at a pointer, as one text for its field. */
export function problemAt(
  problems: DeclarationProblem[],
  ...pointers: string[]
): string | undefined {
  const messages = problems
    .filter(problem => pointers.some(pointer => isAt(problem, pointer)))
    .map(({ message }) => message);
  return messages.length ? [...new Set(messages)].join(' ') : undefined;
}

/** The problems that are left when what is at a pointer was changed. */
export function withoutProblemsAt(
  problems: DeclarationProblem[],
  ...pointers: string[]
): DeclarationProblem[] {
  return problems.filter(
    problem => !pointers.some(pointer => isAt(problem, pointer)),
  );
}

/**
 * Props that make a field of `@backstage/ui` show a problem: its own
 * `isInvalid` colours the field, but has no place for a text.
 */
export function showProblem(problem: string | undefined) {
  return {
    validationBehavior: 'aria' as const,
    validate: () => problem ?? true,
  };
}
