import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { createWriteKey } from '../writeKeys/createWriteKey';
import { endReplayWriteKeys } from './endReplayWriteKeys';
import { replayResource } from './replayTypes';

/** Longer than a replay takes. */
const KEY_LIFE_MS = 24 * 60 * 60_000;

/** @public */
export interface BeginReplayOptions {
  replayId: string;
  /** Of the lease on `replay:<replayId>`. */
  fencingToken: bigint;
  /** What the events are sent as. */
  eventTypes: string[];
  /** Who asked for the replay: the key is created on their behalf. */
  requestedBy: string;
}

/**
 * Takes a replay on, for the first time or after another runner has died over
 * it: revokes the write keys of earlier runners and creates one of its own, for
 * the event types it needs and nothing else.
 *
 * @returns the key in clear; it is stored nowhere
 * @public
 */
export async function beginReplay(
  db: Knex,
  options: BeginReplayOptions,
): Promise<{ keyId: string; writeKey: string }> {
  const { replayId, fencingToken, eventTypes, requestedBy } = options;
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: replayResource(replayId),
      fencingToken,
    });
    await endReplayWriteKeys(tx, { replayId });
    const key = await createWriteKey(tx, {
      name: `Replay ${replayId}`,
      eventTypes,
      createdBy: requestedBy,
      purpose: 'replay',
      // Should nobody come back to revoke it.
      expiresAt: new Date(Date.now() + KEY_LIFE_MS),
    });
    await queryRows(
      tx,
      `INSERT INTO replay_write_keys (key_id, replay_id)
       VALUES (:keyId, :replayId)`,
      { keyId: key.keyId, replayId },
    );
    await queryRows(
      tx,
      `UPDATE replays SET state = 'running', message = NULL
       WHERE replay_id = :replayId AND state IN ('waiting', 'running')`,
      { replayId },
    );
    return key;
  });
}
