import { isError, ServiceUnavailableError } from '@backstage/errors';
import type { ErrorRequestHandler } from 'express';

/**
 * What a database that is away looks like: no pooled connection in time, the
 * connection refused or lost, or SQLSTATE class 57P (it is shutting down or
 * starting up).
 */
const UNAVAILABLE_CODES =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EPIPE|57P\d\d|08\d\d\d)$/;

/** Answers 503 instead of 500 when the ledger is away. */
export const ledgerUnavailable: ErrorRequestHandler = (
  error,
  _req,
  _res,
  next,
) => {
  next(
    isUnavailable(error)
      ? new ServiceUnavailableError(
          'The ledger cannot be reached right now; events keep flowing. Try again in a moment',
          error,
        )
      : error,
  );
};

function isUnavailable(error: unknown): boolean {
  return (
    isError(error) &&
    (error.name === 'KnexTimeoutError' ||
      error.message.startsWith('Connection terminated') ||
      UNAVAILABLE_CODES.test(String(error.code)))
  );
}
