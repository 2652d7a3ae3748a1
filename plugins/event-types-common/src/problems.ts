import type { DeclarationProblem } from './types';

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isProblem(value: unknown): value is DeclarationProblem {
  return (
    isObject(value) &&
    typeof value.code === 'string' &&
    typeof value.pointer === 'string' &&
    typeof value.message === 'string'
  );
}

/**
 * The problems an answer of the event types backend carries, so that a form
 * can mark its fields.
 *
 * @param error - a `ResponseError`, its `cause`, or the parsed body of a failed
 * request. The backend puts `problems` on the error, and Backstage's error
 * middleware serialises it under `error.problems` of the body.
 * @returns the problems, or an empty list when the error carries none
 *
 * @public
 */
export function declarationProblemsOf(error: unknown): DeclarationProblem[] {
  if (!isObject(error)) {
    return [];
  }
  for (const candidate of [error, error.cause, error.error, error.body]) {
    if (isObject(candidate) && Array.isArray(candidate.problems)) {
      return candidate.problems.filter(isProblem);
    }
  }
  return [];
}
