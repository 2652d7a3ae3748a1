import { Knex } from 'knex';
import { inTransaction, storableText } from '../../database/values';
import { LedgerError } from '../../errors';
import { assertFencingToken } from '../leases/assertFencingToken';
import { dropUnpublished } from './dropUnpublished';
import { lockOperation } from './lockOperation';
import { RevisionProblemCode } from './revisionTypes';

/** More than anybody reads. */
const MAX_MESSAGE_LENGTH = 2_000;

/**
 * Ends an operation that cannot succeed. What readers see has not changed. Of one
 * that is prepared nothing is left that could fail, and it is refused:
 * `revision_moved_on`.
 *
 * @public
 */
export async function failRevision(
  db: Knex,
  options: {
    operationId: string;
    /** The lease it was worked on under, and its token. */
    resource: string;
    fencingToken: bigint;
    code: RevisionProblemCode;
    message: string;
  },
): Promise<void> {
  const { operationId, code, message } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, options);
    const { isPrepared } = await lockOperation(tx, {
      operationId,
      states: ['previewing', 'running'],
    });
    if (isPrepared) {
      throw new LedgerError(
        'revision_moved_on',
        `Operation ${operationId} is prepared and can only be finished`,
      );
    }
    await dropUnpublished(tx, { operationId });
    await tx.raw(
      `UPDATE revision_operations SET state = 'failed', finished_at = now(),
         problem_code = :code, problem_message = :message
       WHERE operation_id = :operationId`,
      {
        operationId,
        code,
        message: storableText(message).slice(0, MAX_MESSAGE_LENGTH),
      },
    );
  });
}
