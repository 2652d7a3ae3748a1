import { SinkError } from '../errors';

/*
 * The errors of the BigQuery client carry the request with its bearer token, and
 * its messages may quote what is in the files. So only the status and
 * BigQuery's own short reason go further.
 */

interface Failure {
  code?: unknown;
  errors?: { reason?: unknown }[];
  message?: unknown;
}

/** The HTTP status of a failure, if it was an answer. */
export function statusOf(error: unknown): number | undefined {
  const status = Number((Object(error) as Failure).code);
  return status >= 400 && status < 600 ? status : undefined;
}

/** BigQuery's reason, such as `quotaExceeded`; they are plain words. */
export function reasonText(reason: unknown): string {
  return typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason)
    ? reason
    : 'unknown';
}

const PASSING =
  /^(rateLimitExceeded|quotaExceeded|backendError|internalError)$/;

/** A failed call in the words of sinks. */
export function toSinkError(error: unknown, what: string): SinkError {
  if (error instanceof SinkError) {
    return error;
  }
  const status = statusOf(error);
  const { errors, message } = Object(error) as Failure;
  const reason = reasonText(errors?.[0]?.reason);
  if (status === undefined) {
    return /credential/i.test(String(message))
      ? new SinkError(
          'sink_refused',
          `There are no usable Google credentials to ${what}; set GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is attached`,
        )
      : new SinkError(
          'sink_unavailable',
          `BigQuery cannot be reached to ${what}`,
        );
  }
  const isPassing =
    status >= 500 || status === 429 || status === 408 || PASSING.test(reason);
  return isPassing
    ? new SinkError(
        'sink_unavailable',
        `BigQuery cannot ${what} now: status ${status}, reason '${reason}'`,
      )
    : new SinkError(
        'sink_refused',
        `BigQuery refuses to ${what}: status ${status}, reason '${reason}'; check the credentials, the data set and its location`,
      );
}
