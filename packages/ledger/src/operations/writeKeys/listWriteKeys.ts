import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A write key as people may see it: without anything of its secret. @public */
export interface WriteKeyRecord {
  keyId: string;
  name: string;
  eventTypes?: string[];
  createdAt: Date;
  createdBy: string;
  revokedAt?: Date;
}

/**
 * All write keys, revoked ones included, newest first.
 *
 * @public
 */
export async function listWriteKeys(db: Knex): Promise<WriteKeyRecord[]> {
  const rows = await queryRows<{
    keyId: string;
    name: string;
    eventTypes: string[] | null;
    createdAt: Date;
    createdBy: string;
    revokedAt: Date | null;
  }>(
    db,
    `SELECT key_id AS "keyId", name, event_types AS "eventTypes",
       created_at AS "createdAt", created_by AS "createdBy",
       revoked_at AS "revokedAt"
     FROM write_keys ORDER BY created_at DESC, key_id`,
  );
  return rows.map(row => ({
    ...row,
    eventTypes: row.eventTypes ?? undefined,
    revokedAt: row.revokedAt ?? undefined,
  }));
}
