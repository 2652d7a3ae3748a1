import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { dropUnpublished } from './dropUnpublished';
import { lockOperation } from './lockOperation';

/**
 * Notes that a worker begins with a preview or a run. After so many attempts that
 * came to no end the operation is `failed` instead, because the next one would
 * most likely end a worker too; then it gives `false`.
 *
 * @throws LedgerError with code `revision_moved_on`, FencingError
 * @public
 */
export async function beginAttempt(
  db: Knex,
  options: {
    operationId: string;
    task: 'preview' | 'run';
    /** The lease it is done under, and its token. */
    resource: string;
    fencingToken: bigint;
    maxAttempts: number;
  },
): Promise<boolean> {
  const { operationId, task, maxAttempts } = options;
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, options);
    await lockOperation(tx, {
      operationId,
      states: [task === 'preview' ? 'previewing' : 'running'],
    });
    const [{ attempts }] = await queryRows<{ attempts: number }>(
      tx,
      `UPDATE revision_operations SET attempts = attempts + 1, retry_at = NULL
       WHERE operation_id = :operationId RETURNING attempts`,
      { operationId },
    );
    if (attempts <= maxAttempts) {
      return true;
    }
    await dropUnpublished(tx, { operationId });
    await tx.raw(
      `UPDATE revision_operations SET state = 'failed', finished_at = now(),
         problem_code = 'keeps_failing', problem_message = :message
       WHERE operation_id = :operationId`,
      {
        operationId,
        message: `It was tried ${maxAttempts} times without success; the logs of the workers say why`,
      },
    );
    return false;
  });
}
