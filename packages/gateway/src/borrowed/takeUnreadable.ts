import type { SnapshotWriteKey } from '@millrace/ledger';
import { EventReason, RequestError, RequestReason } from '../errors';
import { settle } from './settle';
import type { BorrowedDeps } from './types';

/** The reasons that sending the same again cannot change. */
const REASONS: Partial<Record<RequestReason, EventReason>> = {
  invalid_json: 'invalid_json',
  not_a_batch: 'unmapped',
};

/**
 * Keeps a body that cannot be taken apart as one refused event, so that its
 * owner finds it. Without an id of its own: its repeats are the same refusal.
 *
 * @throws RequestError when it could not be kept, so that it comes again
 */
export async function takeUnreadable(
  error: unknown,
  body: Buffer,
  writeKey: SnapshotWriteKey,
  { limits, takeEvents }: Pick<BorrowedDeps, 'limits' | 'takeEvents'>,
): Promise<void> {
  const reason =
    error instanceof RequestError ? REASONS[error.reason] : undefined;
  if (!(error instanceof RequestError) || !reason) {
    return;
  }
  const events = [
    {
      value: {},
      raw: body.toString('utf8', 0, limits.maxKeptRefusedBytes),
      problem: { reason, message: error.message },
    },
  ];
  settle(events, await takeEvents(events, writeKey));
}
