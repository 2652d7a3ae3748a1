import { ServiceUnavailableError } from '@backstage/errors';
import { LakeError } from '@millrace/lake';
import type { ErrorRequestHandler } from 'express';

/** Answers 503 instead of 500 when the store of the lake is away. */
export const lakeUnavailable: ErrorRequestHandler = (
  error,
  _req,
  _res,
  next,
) => {
  next(
    error instanceof LakeError && error.code === 'store_unavailable'
      ? new ServiceUnavailableError(
          'The lake cannot be reached right now; nothing of it is lost. Try again in a moment',
          error,
        )
      : error,
  );
};
