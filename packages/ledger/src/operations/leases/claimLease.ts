import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface ClaimLeaseOptions {
  resource: string;
  holder: string;
  leaseMs: number;
}

/**
 * Claims a resource for a while, or gives `undefined` when another holder has
 * it.
 *
 * Guarantees: of any number of claimants at most one gets it; each successful
 * claim has a higher fencing token than all before it, also when a holder
 * claims anew what it still holds (a restarted worker takes over at once from
 * its dead self, and that self is fenced off). Time is the database's, so
 * holders' clocks do not matter. Never waits: while a holder is inside a
 * fenced transaction the resource simply counts as taken.
 *
 * @public
 */
export async function claimLease(
  db: Knex,
  options: ClaimLeaseOptions,
): Promise<{ fencingToken: bigint } | undefined> {
  const bindings = {
    resource: options.resource,
    holder: options.holder,
    leaseMs: options.leaseMs,
  };
  const [taken] = await queryRows<{ fencingToken: string }>(
    db,
    `UPDATE leases SET
       holder = :holder,
       fencing_token = fencing_token + 1,
       expires_at = now() + :leaseMs * interval '1 millisecond'
     WHERE resource = (
       SELECT resource FROM leases
       WHERE resource = :resource
         AND (expires_at <= now() OR holder = :holder)
       FOR UPDATE SKIP LOCKED
     )
     RETURNING fencing_token AS "fencingToken"`,
    bindings,
  );
  if (taken) {
    return { fencingToken: BigInt(taken.fencingToken) };
  }
  const [created] = await queryRows<{ fencingToken: string }>(
    db,
    `INSERT INTO leases (resource, holder, fencing_token, expires_at)
     VALUES (:resource, :holder, 1,
       now() + :leaseMs * interval '1 millisecond')
     ON CONFLICT (resource) DO NOTHING
     RETURNING fencing_token AS "fencingToken"`,
    bindings,
  );
  return created && { fencingToken: BigInt(created.fencingToken) };
}
