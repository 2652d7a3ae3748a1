import { Knex } from 'knex';
import { SnapshotEventType, SnapshotWriteKey } from '../../types';
import { listSnapshotWriteKeys } from '../writeKeys/listSnapshotWriteKeys';
import { inSnapshotTransaction, storeGeneration } from './snapshotTransaction';

/** @public */
export interface PublishConfigSnapshotOptions {
  bucketSeconds: number;
  eventTypes: SnapshotEventType[];
  /**
   * Leave it out to publish the write keys of the ledger as they are when it is
   * this publisher's turn.
   */
  writeKeys?: SnapshotWriteKey[];
  /** Defaults to the database's clock. */
  now?: Date;
}

/**
 * Makes the given configuration the newest generation.
 *
 * Guarantees: generations never change; content equal to the newest generation
 * (in any order) publishes nothing; concurrent publishers queue, so each sees
 * the one before, and a key that was revoked is in no later generation. In the
 * same transaction a type that appears is marked provisioned and a type that is
 * gone is marked removed, which decides from when and until when it owes a
 * partition per bucket. Those who listen are told.
 *
 * @public
 */
export async function publishConfigSnapshot(
  db: Knex,
  options: PublishConfigSnapshotOptions,
): Promise<{ generation: number; changed: boolean }> {
  const { bucketSeconds, eventTypes, now } = options;
  return inSnapshotTransaction(db, async tx => {
    const writeKeys = options.writeKeys ?? (await listSnapshotWriteKeys(tx));
    const content = { bucketSeconds, eventTypes, writeKeys };
    const result = await storeGeneration(tx, content, now);
    if (result.changed) {
      await markEventTypes(tx, eventTypes, now);
    }
    return result;
  });
}

async function markEventTypes(
  tx: Knex.Transaction,
  eventTypes: SnapshotEventType[],
  now: Date | undefined,
): Promise<void> {
  const names = eventTypes.map(type => type.name);
  await tx.raw(
    `INSERT INTO event_types AS t
       (event_type, tier, provisioned_at, closed_through)
     SELECT name, tier, at, at
     FROM unnest(:names::text[], :tiers::text[]) AS s (name, tier),
       coalesce(:now::timestamptz, now()) AS at
     ON CONFLICT (event_type) DO UPDATE SET
       tier = excluded.tier,
       removed_at = NULL,
       -- A type that was away owes nothing for the time between.
       closed_through = CASE WHEN t.removed_at IS NULL
         THEN t.closed_through
         ELSE greatest(t.closed_through, excluded.closed_through) END`,
    { names, tiers: eventTypes.map(type => type.tier), now: now ?? null },
  );
  await tx.raw(
    `UPDATE event_types
     SET removed_at = coalesce(:now::timestamptz, now())
     WHERE removed_at IS NULL AND event_type <> ALL (:names::text[])`,
    { names, now: now ?? null },
  );
}
