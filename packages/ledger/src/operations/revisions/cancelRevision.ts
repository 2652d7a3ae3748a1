import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { dropUnpublished } from './dropUnpublished';
import { getRevision } from './getRevision';
import { RevisionRecord, RevisionState } from './revisionTypes';

/** @public */
export interface CancelRevisionOptions {
  operationId: string;
  now: Date;
}

/**
 * Ends an operation without a result. Cancelling again changes nothing.
 *
 * Guarantees: it has no effect on what readers see. Possible until the new
 * revisions are about to be published, also while a worker is at it: its next
 * step in the ledger is refused. After that, and when it is over, it is
 * `revision_not_cancellable`.
 *
 * @public
 */
export async function cancelRevision(
  db: Knex,
  options: CancelRevisionOptions,
): Promise<RevisionRecord> {
  const { operationId, now } = options;
  return inTransaction(db, async tx => {
    const [current] = await queryRows<{
      state: RevisionState;
      isPrepared: boolean;
    }>(
      tx,
      `SELECT state, prepared_at IS NOT NULL AS "isPrepared"
       FROM revision_operations WHERE operation_id = :operationId FOR UPDATE`,
      { operationId },
    );
    if (!current) {
      throw new LedgerError(
        'revision_not_found',
        `There is no operation ${operationId}`,
      );
    }
    const isOpen = ['previewing', 'previewed', 'running'].includes(
      current.state,
    );
    if ((!isOpen && current.state !== 'cancelled') || current.isPrepared) {
      throw new LedgerError(
        'revision_not_cancellable',
        isOpen
          ? `The revisions of operation ${operationId} are being published already`
          : `Operation ${operationId} is over: ${current.state}`,
      );
    }
    if (isOpen) {
      await dropUnpublished(tx, { operationId });
      await tx.raw(
        `UPDATE revision_operations
         SET state = 'cancelled', finished_at = :now
         WHERE operation_id = :operationId`,
        { operationId, now },
      );
    }
    const cancelled = await getRevision(tx, { operationId });
    if (!cancelled) {
      throw new Error('The operation has gone');
    }
    return cancelled;
  });
}
