import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { generateWriteKey, hashWriteKeySecret } from './writeKeyText';

/** @public */
export interface CreateWriteKeyOptions {
  name: string;
  /** The event types it may send. Default: all. */
  eventTypes?: string[];
  /** Entity ref of who asked for it. */
  createdBy: string;
}

/**
 * Creates a write key. The clear text is in the answer and nowhere else: only a
 * hash is stored. Gateways accept it from the next config snapshot on.
 *
 * @public
 */
export async function createWriteKey(
  db: Knex,
  options: CreateWriteKeyOptions,
): Promise<{ keyId: string; writeKey: string }> {
  for (;;) {
    const { keyId, secret, writeKey } = generateWriteKey();
    const inserted = await queryCount(
      db,
      `INSERT INTO write_keys (key_id, name, secret_hash, event_types, created_by)
       VALUES (:keyId, :name, :secretHash, :eventTypes, :createdBy)
       ON CONFLICT (key_id) DO NOTHING`,
      {
        keyId,
        name: options.name,
        secretHash: hashWriteKeySecret(secret),
        eventTypes: options.eventTypes ?? null,
        createdBy: options.createdBy,
      },
    );
    if (inserted === 1) {
      return { keyId, writeKey };
    }
  }
}
