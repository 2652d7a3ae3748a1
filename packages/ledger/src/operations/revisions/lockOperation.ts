import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { RevisionKind, RevisionState } from './revisionTypes';

/** An operation whose row is locked until the transaction ends. */
export interface LockedOperation {
  eventType: string;
  kind: RevisionKind;
  state: RevisionState;
  isPrepared: boolean;
}

/**
 * Locks an operation for a step of a worker, and checks that it is where the
 * worker takes it to be.
 *
 * @throws LedgerError with code `revision_not_found` or `revision_moved_on`
 */
export async function lockOperation(
  tx: Knex.Transaction,
  options: { operationId: string; states: RevisionState[] },
): Promise<LockedOperation> {
  const { operationId, states } = options;
  const [operation] = await queryRows<LockedOperation>(
    tx,
    `SELECT event_type AS "eventType", kind, state,
       prepared_at IS NOT NULL AS "isPrepared"
     FROM revision_operations WHERE operation_id = :operationId FOR UPDATE`,
    { operationId },
  );
  if (!operation) {
    throw new LedgerError(
      'revision_not_found',
      `There is no operation ${operationId}`,
    );
  }
  if (!states.includes(operation.state)) {
    throw new LedgerError(
      'revision_moved_on',
      `Operation ${operationId} is ${operation.state} by now`,
    );
  }
  return operation;
}
