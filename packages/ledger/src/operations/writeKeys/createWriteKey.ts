import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { LedgerError } from '../../errors';
import { WriteKeyKind } from '../../types';
import { publishWriteKeys } from '../configSnapshots/publishWriteKeys';
import { inSnapshotTransaction } from '../configSnapshots/snapshotTransaction';
import { listLiveKeyIds } from './listLiveKeyIds';
import { generateWriteKey, hashWriteKeySecret } from './writeKeyText';

/** Enough to change from one to the next, and no more to keep an eye on. */
const MAX_LIVE_KEYS = 2;

/** @public */
export interface CreateWriteKeyOptions {
  name: string;
  /** The producer it is for. */
  producer?: string;
  /** Entity ref of who answers for it. Default: who asked for it. */
  owner?: string;
  /** Default `server`. */
  kind?: WriteKeyKind;
  /** The event types it may send. Default: all. */
  eventTypes?: string[];
  /** Default: the limit of the gateways. */
  eventsPerSecond?: number;
  /** Default: it does not expire. */
  expiresAt?: Date;
  /** Entity ref of who asked for it. */
  createdBy: string;
  /** What Millrace makes it for itself. Default: it is a producer's. */
  purpose?: 'replay' | 'test-event';
}

/** A new key, in clear this one time. @public */
export interface NewWriteKey {
  keyId: string;
  writeKey: string;
}

/**
 * Creates a write key. The clear text is in the answer and nowhere else: only a
 * hash is stored. It is in the next config snapshot, which is published with it.
 *
 * @throws LedgerError `too_many_live_keys` when the producer of the owner has
 * two live ones; concurrent calls queue, so there is never a third
 *
 * @public
 */
export async function createWriteKey(
  db: Knex,
  options: CreateWriteKeyOptions,
): Promise<NewWriteKey> {
  return inSnapshotTransaction(db, async tx => {
    const created = await insertWriteKey(tx, options);
    await publishWriteKeys(tx);
    return created;
  });
}

/** @param tx - a snapshot transaction */
export async function insertWriteKey(
  tx: Knex.Transaction,
  options: CreateWriteKeyOptions & { replaces?: string },
): Promise<NewWriteKey> {
  const { producer, owner = options.createdBy } = options;
  if (producer !== undefined) {
    const live = await listLiveKeyIds(tx, { producer, owner });
    if (live.length >= MAX_LIVE_KEYS) {
      throw new LedgerError(
        'too_many_live_keys',
        `The producer ${producer} has ${
          live.length
        } live write keys, ${live.join(
          ' and ',
        )}; revoke one that is no longer used first`,
      );
    }
  }
  for (;;) {
    const { keyId, secret, writeKey } = generateWriteKey();
    const inserted = await queryCount(
      tx,
      `INSERT INTO write_keys (key_id, name, secret_hash, event_types,
         created_by, producer, owner, kind, events_per_second, expires_at,
         replaces, purpose)
       VALUES (:keyId, :name, :secretHash, :eventTypes, :createdBy, :producer,
         :owner, :kind, :eventsPerSecond, :expiresAt, :replaces, :purpose)
       ON CONFLICT (key_id) DO NOTHING`,
      {
        keyId,
        name: options.name,
        secretHash: hashWriteKeySecret(secret),
        eventTypes: options.eventTypes ?? null,
        createdBy: options.createdBy,
        producer: producer ?? null,
        owner,
        kind: options.kind ?? 'server',
        eventsPerSecond: options.eventsPerSecond ?? null,
        expiresAt: options.expiresAt ?? null,
        replaces: options.replaces ?? null,
        purpose: options.purpose ?? null,
      },
    );
    if (inserted === 1) {
      return { keyId, writeKey };
    }
  }
}
