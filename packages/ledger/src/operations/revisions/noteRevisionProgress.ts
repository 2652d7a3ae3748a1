import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { RevisionStep } from './revisionTypes';

/**
 * Notes how far a worker is, for people to see. `false` when the operation is not
 * being worked on any more, because somebody has cancelled it.
 *
 * @public
 */
export async function noteRevisionProgress(
  db: Knex,
  options: {
    operationId: string;
    step: RevisionStep;
    done: number;
    total: number;
  },
): Promise<boolean> {
  const noted = await queryCount(
    db,
    `UPDATE revision_operations
     SET step = :step, done = :done, total = :total
     WHERE operation_id = :operationId
       AND state IN ('previewing', 'running')`,
    { ...options },
  );
  return noted > 0;
}
