import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { publishWriteKeys } from '../configSnapshots/publishWriteKeys';
import { inSnapshotTransaction } from '../configSnapshots/snapshotTransaction';

/**
 * Revokes a write key and keeps the time of the first revocation. The config
 * snapshot without it is part of the same transaction, whatever else is down, so
 * every gateway that reaches the ledger refuses the key within seconds. Gives
 * `false` when there is no such key.
 *
 * @public
 */
export async function revokeWriteKey(
  db: Knex,
  options: { keyId: string },
): Promise<boolean> {
  return inSnapshotTransaction(db, async tx => {
    const updated = await queryCount(
      tx,
      `UPDATE write_keys SET revoked_at = coalesce(revoked_at, now())
       WHERE key_id = :keyId`,
      { keyId: options.keyId },
    );
    if (updated === 0) {
      return false;
    }
    await publishWriteKeys(tx);
    return true;
  });
}
