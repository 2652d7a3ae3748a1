import { Knex } from 'knex';
import { ConfigSnapshot } from '../../types';
import { listSnapshotWriteKeys } from '../writeKeys/listSnapshotWriteKeys';
import { readConfigSnapshot } from './readConfigSnapshot';
import { isWhole } from './snapshotContent';
import { storeGeneration } from './snapshotTransaction';

/**
 * Publishes the write keys as they are now, with the rest of the newest
 * generation unchanged: a revocation must not wait for a broker that is away or
 * an event type that cannot be provisioned. Does nothing while there is no
 * generation at all.
 *
 * A generation that is damaged is passed over for the one before: a new checksum
 * over it would make its damage good for everybody.
 *
 * @param tx - a snapshot transaction, the one that changed the keys
 */
export async function publishWriteKeys(tx: Knex.Transaction): Promise<void> {
  const newest = await newestWholeSnapshot(tx);
  if (newest) {
    const { bucketSeconds, eventTypes } = newest;
    const writeKeys = await listSnapshotWriteKeys(tx);
    await storeGeneration(
      tx,
      { bucketSeconds, eventTypes, writeKeys },
      undefined,
    );
  }
}

async function newestWholeSnapshot(
  tx: Knex.Transaction,
): Promise<ConfigSnapshot | undefined> {
  let snapshot = await readConfigSnapshot(tx);
  // One of an earlier release has no checksum to go by.
  while (snapshot?.integrity && !isWhole(snapshot)) {
    snapshot = await readConfigSnapshot(tx, { olderThan: snapshot.generation });
  }
  return snapshot;
}
