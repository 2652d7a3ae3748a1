import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { WriteKeyKind } from '../../types';
import { publishWriteKeys } from '../configSnapshots/publishWriteKeys';
import { inSnapshotTransaction } from '../configSnapshots/snapshotTransaction';
import { insertWriteKey, NewWriteKey } from './createWriteKey';
import { limitWriteKey } from './setWriteKeyExpiry';

/** @public */
export interface RotateWriteKeyOptions {
  keyId: string;
  /** How long the old key goes on working. Default: until it is revoked. */
  graceMs?: number;
  /** Entity ref of who asked for it. */
  createdBy: string;
}

/**
 * Makes the successor of a live write key: same producer, owner, kind, event
 * types and limit, another secret. Both work until the grace is over, so that
 * senders change over one by one. An expiry the old key had is never put off.
 *
 * Gives `undefined` when there is no such key.
 *
 * @throws LedgerError `write_key_not_live` for a key that has expired or was
 * revoked, `too_many_live_keys` when its successor exists already
 *
 * @public
 */
export async function rotateWriteKey(
  db: Knex,
  options: RotateWriteKeyOptions,
): Promise<NewWriteKey | undefined> {
  const { keyId, graceMs, createdBy } = options;
  return inSnapshotTransaction(db, async tx => {
    const [old] = await queryRows<{
      name: string;
      producer: string | null;
      owner: string;
      kind: WriteKeyKind;
      eventTypes: string[] | null;
      eventsPerSecond: number | null;
      isLive: boolean;
    }>(
      tx,
      `SELECT name, producer, owner, kind, event_types AS "eventTypes",
         events_per_second AS "eventsPerSecond",
         revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > now()) AS "isLive"
       FROM write_keys WHERE key_id = :keyId`,
      { keyId },
    );
    if (!old) {
      return undefined;
    }
    if (!old.isLive) {
      throw new LedgerError(
        'write_key_not_live',
        `The write key ${keyId} has expired or was revoked; create a new one`,
      );
    }
    const created = await insertWriteKey(tx, {
      name: old.name,
      // A key from before producers had names becomes one of its own.
      producer: old.producer ?? `key-${keyId}`,
      owner: old.owner,
      kind: old.kind,
      eventTypes: old.eventTypes ?? undefined,
      eventsPerSecond: old.eventsPerSecond ?? undefined,
      createdBy,
      replaces: keyId,
    });
    if (graceMs !== undefined) {
      await limitWriteKey(tx, { keyId, graceMs });
    }
    await publishWriteKeys(tx);
    return created;
  });
}
