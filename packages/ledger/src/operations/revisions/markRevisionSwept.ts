import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Notes that nothing is left in the lake of an operation that came to nothing.
 *
 * @public
 */
export async function markRevisionSwept(
  db: Knex,
  options: { operationId: string },
): Promise<void> {
  await queryCount(
    db,
    `UPDATE revision_operations SET swept_at = now()
     WHERE operation_id = :operationId AND state IN ('failed', 'cancelled')`,
    options,
  );
}
