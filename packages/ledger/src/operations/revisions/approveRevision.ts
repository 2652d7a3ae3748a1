import { Knex } from 'knex';
import { inTransaction, queryRows, storableText } from '../../database/values';
import { LedgerError } from '../../errors';
import { findStaleness } from './findStaleness';
import { getRevision } from './getRevision';
import { lockRevisions } from './lockRevisions';
import { notifyRevisions } from './notifyRevisions';
import {
  PREVIEW_VALID_HOURS,
  RevisionRecord,
  RevisionState,
} from './revisionTypes';

/** @public */
export interface ApproveRevisionOptions {
  operationId: string;
  approvedBy: string;
  /** Why, in the words of the person; 1 to 1,000 characters. */
  reason: string;
  now: Date;
}

/**
 * Lets a previewed operation run: exactly what was previewed, or nothing.
 *
 * Guarantees: only a preview can be approved (`revision_not_previewed`), no older
 * than 24 hours by the database's clock and made from what is still there
 * (`revision_expired`, and the operation is `expired` then).
 *
 * @public
 */
export async function approveRevision(
  db: Knex,
  options: ApproveRevisionOptions,
): Promise<RevisionRecord> {
  const { operationId } = options;
  const result = await inTransaction(db, async tx => {
    const known = await getRevision(tx, { operationId });
    if (!known) {
      throw notFound(operationId);
    }
    await lockRevisions(tx, known.eventType);
    const [current] = await queryRows<{ state: RevisionState; old: boolean }>(
      tx,
      `SELECT state, previewed_at
           < now() - :hours * interval '1 hour' AS old
       FROM revision_operations WHERE operation_id = :operationId FOR UPDATE`,
      { operationId, hours: PREVIEW_VALID_HOURS },
    );
    if (current.state === 'expired') {
      return { expired: 'its preview has expired' };
    }
    if (current.state !== 'previewed') {
      throw new LedgerError(
        'revision_not_previewed',
        `Operation ${operationId} is ${current.state}; only what is previewed can be approved`,
      );
    }
    const expired = current.old
      ? `its preview is older than ${PREVIEW_VALID_HOURS} hours`
      : await findStaleness(tx, { operationId });
    if (expired) {
      await tx.raw(
        `UPDATE revision_operations SET state = 'expired', finished_at = now()
         WHERE operation_id = :operationId`,
        { operationId },
      );
      return { expired };
    }
    await tx.raw(
      `UPDATE revision_operations SET state = 'running',
         approved_by = :approvedBy, approved_at = :now, reason = :reason,
         step = 'waiting', done = 0, attempts = 0, retry_at = NULL
       WHERE operation_id = :operationId`,
      { ...options, reason: storableText(options.reason) },
    );
    await notifyRevisions(tx, operationId);
    return { approved: await getRevision(tx, { operationId }) };
  });
  if (!result.approved) {
    // Outside of the transaction, which has kept that it is expired.
    throw new LedgerError(
      'revision_expired',
      `Operation ${operationId} cannot run: ${result.expired}; ask for a new preview`,
    );
  }
  return result.approved;
}

function notFound(operationId: string): LedgerError {
  return new LedgerError(
    'revision_not_found',
    `There is no operation ${operationId}`,
  );
}
