import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Lets an attempt that came to nothing, for a reason that may pass, be repeated;
 * not before so long from now, by the database's clock. One that only had to wait
 * for others is not counted.
 *
 * @public
 */
export async function postponeRevision(
  db: Knex,
  options: { operationId: string; retryMs: number; isCounted: boolean },
): Promise<void> {
  const { operationId, retryMs, isCounted } = options;
  await queryCount(
    db,
    `UPDATE revision_operations
     SET retry_at = now() + :retryMs * interval '1 millisecond',
       attempts = greatest(0, attempts - :uncounted)
     WHERE operation_id = :operationId AND state IN ('previewing', 'running')`,
    { operationId, retryMs, uncounted: isCounted ? 0 : 1 },
  );
}
