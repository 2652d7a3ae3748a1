import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { revokeWriteKey } from '../writeKeys/revokeWriteKey';

/** Revokes every write key a replay has sent with so far. */
export async function endReplayWriteKeys(
  tx: Knex,
  options: { replayId: string },
): Promise<void> {
  const keys = await queryRows<{ keyId: string }>(
    tx,
    `UPDATE replay_write_keys SET revoked_at = now()
     WHERE replay_id = :replayId AND revoked_at IS NULL
     RETURNING key_id AS "keyId"`,
    { replayId: options.replayId },
  );
  for (const { keyId } of keys) {
    await revokeWriteKey(tx, { keyId });
  }
}
