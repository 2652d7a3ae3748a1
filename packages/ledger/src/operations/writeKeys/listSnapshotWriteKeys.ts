import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { SnapshotWriteKey } from '../../types';

/**
 * The write keys that are not revoked, in the form a config snapshot carries
 * them to the gateways. Kept apart from `listWriteKeys` so that the hashes take
 * no path that ends at a person.
 *
 * @public
 */
export async function listSnapshotWriteKeys(
  db: Knex,
): Promise<SnapshotWriteKey[]> {
  const rows = await queryRows<{
    keyId: string;
    secretHash: string;
    eventTypes: string[] | null;
  }>(
    db,
    `SELECT key_id AS "keyId", secret_hash AS "secretHash",
       event_types AS "eventTypes"
     FROM write_keys WHERE revoked_at IS NULL ORDER BY key_id`,
  );
  return rows.map(row => ({ ...row, eventTypes: row.eventTypes ?? undefined }));
}
