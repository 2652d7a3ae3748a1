import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Revokes a write key and keeps the time of the first revocation. Takes effect
 * at the gateways with the next config snapshot. Gives `false` when there is no
 * such key.
 *
 * @public
 */
export async function revokeWriteKey(
  db: Knex,
  options: { keyId: string },
): Promise<boolean> {
  const updated = await queryCount(
    db,
    `UPDATE write_keys SET revoked_at = coalesce(revoked_at, now())
     WHERE key_id = :keyId`,
    { keyId: options.keyId },
  );
  return updated === 1;
}
