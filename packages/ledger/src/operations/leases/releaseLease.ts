import { Knex } from 'knex';

/**
 * Gives a lease back before it runs out. Does nothing when it has been claimed
 * anew since. The row stays, so that the next fencing token is higher.
 *
 * @public
 */
export async function releaseLease(
  db: Knex,
  options: { resource: string; fencingToken: bigint },
): Promise<void> {
  await db.raw(
    `UPDATE leases SET expires_at = now()
     WHERE resource = :resource AND fencing_token = :fencingToken`,
    {
      resource: options.resource,
      fencingToken: String(options.fencingToken),
    },
  );
}
