import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** The keys of a producer that gateways take, oldest first. */
export async function listLiveKeyIds(
  db: Knex,
  options: { producer: string; owner: string },
): Promise<string[]> {
  const rows = await queryRows<{ keyId: string }>(
    db,
    `SELECT key_id AS "keyId" FROM write_keys
     WHERE producer = :producer AND owner = :owner AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now())
     ORDER BY created_at, key_id`,
    { producer: options.producer, owner: options.owner },
  );
  return rows.map(({ keyId }) => keyId);
}
