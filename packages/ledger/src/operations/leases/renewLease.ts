import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Extends a lease under the fencing token it was claimed with. Gives `false`
 * when it has been claimed anew since: the work is someone else's, stop. A
 * lease that ran out but was claimed by nobody is extended.
 *
 * @public
 */
export async function renewLease(
  db: Knex,
  options: { resource: string; fencingToken: bigint; leaseMs: number },
): Promise<boolean> {
  const updated = await queryCount(
    db,
    `UPDATE leases SET expires_at = now() + :leaseMs * interval '1 millisecond'
     WHERE resource = :resource AND fencing_token = :fencingToken`,
    {
      resource: options.resource,
      fencingToken: String(options.fencingToken),
      leaseMs: options.leaseMs,
    },
  );
  return updated === 1;
}
