import { Knex } from 'knex';
import { queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { publishWriteKeys } from '../configSnapshots/publishWriteKeys';
import { inSnapshotTransaction } from '../configSnapshots/snapshotTransaction';

/**
 * Sets, moves or (without `expiresAt`) takes away the expiry of a live write
 * key. What has expired stays expired. Gives `false` when there is no such key.
 *
 * @throws LedgerError `write_key_not_live`
 *
 * @public
 */
export async function setWriteKeyExpiry(
  db: Knex,
  options: { keyId: string; expiresAt?: Date },
): Promise<boolean> {
  const { keyId, expiresAt } = options;
  return inSnapshotTransaction(db, async tx => {
    const updated = await queryCount(
      tx,
      `UPDATE write_keys SET expires_at = :expiresAt
       WHERE key_id = :keyId AND revoked_at IS NULL
         AND (expires_at IS NULL OR expires_at > now())`,
      { keyId, expiresAt: expiresAt ?? null },
    );
    if (updated === 0) {
      const known = await queryRows(
        tx,
        'SELECT FROM write_keys WHERE key_id = :keyId',
        { keyId },
      );
      if (known.length === 0) {
        return false;
      }
      throw new LedgerError(
        'write_key_not_live',
        `The write key ${keyId} has expired or was revoked`,
      );
    }
    await publishWriteKeys(tx);
    return true;
  });
}

/**
 * Ends a key after a grace, or earlier if it was to end earlier.
 *
 * @param tx - a snapshot transaction
 */
export async function limitWriteKey(
  tx: Knex.Transaction,
  options: { keyId: string; graceMs: number },
): Promise<void> {
  await tx.raw(
    `UPDATE write_keys SET expires_at = least(expires_at,
       now() + :graceMs::double precision * interval '1 millisecond')
     WHERE key_id = :keyId`,
    { keyId: options.keyId, graceMs: options.graceMs },
  );
}
