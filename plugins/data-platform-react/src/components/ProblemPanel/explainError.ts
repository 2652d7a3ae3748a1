/**
 * A failure in words.
 *
 * @public
 */
export interface Explanation {
  why: string;
  whatToDo: string;
}

/** The HTTP status of a `ResponseError`, also when it only looks like one. */
function statusOf(error: Error): number | undefined {
  const status: unknown =
    'statusCode' in error
      ? error.statusCode
      : 'response' in error &&
        typeof error.response === 'object' &&
        error.response !== null &&
        Reflect.get(error.response, 'status');
  return typeof status === 'number' ? status : undefined;
}

/**
 * Whether the backend refused because of a permission.
 *
 * @public
 */
export function isDenied(error: Error | undefined): boolean {
  return error !== undefined && statusOf(error) === 403;
}

/**
 * Whether the backend does not know what was asked for.
 *
 * @public
 */
export function isNotFound(error: Error | undefined): boolean {
  return error !== undefined && statusOf(error) === 404;
}

/** What the backend said, without the wrapping of the HTTP client. */
function messageOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && cause.message
    ? cause.message
    : error.message;
}

/**
 * Turns an error of a request into why it happened and what to do about it.
 *
 * @public
 */
export function explainError(error: Error): Explanation {
  const status = statusOf(error);
  const why = messageOf(error);
  if (status === undefined) {
    // `fetch` rejects with a TypeError when no answer came at all.
    return error.name === 'TypeError'
      ? {
          why: 'The backend of the portal did not answer.',
          whatToDo:
            'Check that it is running and that you are online. This page tries again by itself.',
        }
      : { why, whatToDo: 'Try again; if it stays, tell the platform team.' };
  }
  switch (status) {
    case 401:
      return {
        why: 'Your session has ended.',
        whatToDo: 'Reload the page to sign in again.',
      };
    case 403:
      return {
        why,
        whatToDo: 'Ask the owner or the platform team if you need access.',
      };
    case 404:
      return {
        why,
        whatToDo:
          'Check the name. What was registered a moment ago may take some seconds to appear.',
      };
    case 503:
      return {
        why,
        whatToDo:
          'It may still be starting. This page tries again by itself; nothing that was accepted is lost.',
      };
    default:
      return status >= 500
        ? {
            why,
            whatToDo:
              'Try again; if it stays, tell the platform team: the log of the backend has the details.',
          }
        : { why, whatToDo: 'Correct what the message names and try again.' };
  }
}
