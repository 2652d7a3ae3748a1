import { Knex } from 'knex';
import { inTransaction, queryCount } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';

/**
 * Notes that people were told of findings, under the lease of whoever tells.
 * Throws `FencingError` when the lease has passed on: the next teller repeats
 * it, since being told twice is better than never.
 *
 * @public
 */
export async function markFindingsTold(
  db: Knex,
  options: { resource: string; fencingToken: bigint; findingIds: string[] },
): Promise<number> {
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, options);
    return queryCount(
      tx,
      `UPDATE audit_findings SET notified_at = now()
       WHERE finding_id = ANY (:findingIds::uuid[]) AND notified_at IS NULL`,
      { findingIds: options.findingIds },
    );
  });
}
