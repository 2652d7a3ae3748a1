import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { SnapshotWriteKey, WriteKeyKind } from '../../types';

/**
 * The write keys in the form a config snapshot carries them to the gateways:
 * those that are not revoked, and have not been expired for long. Kept apart
 * from `listWriteKeys` so that the hashes take no path that ends at a person.
 *
 * Gateways refuse an expired key by its time. It stays for a week, so that they
 * can tell its holder why, and count who still tries.
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
    producer: string | null;
    kind: WriteKeyKind;
    eventsPerSecond: number | null;
    expiresAt: Date | null;
  }>(
    db,
    `SELECT key_id AS "keyId", secret_hash AS "secretHash",
       event_types AS "eventTypes", producer, kind,
       events_per_second AS "eventsPerSecond", expires_at AS "expiresAt"
     FROM write_keys
     WHERE revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now() - interval '7 days')
     ORDER BY key_id`,
  );
  return rows.map(row => ({
    keyId: row.keyId,
    secretHash: row.secretHash,
    eventTypes: row.eventTypes ?? undefined,
    producer: row.producer ?? undefined,
    kind: row.kind,
    eventsPerSecond: row.eventsPerSecond ?? undefined,
    expiresAt: row.expiresAt?.toISOString(),
  }));
}
