import { Knex } from 'knex';
import { publishWriteKeys } from './publishWriteKeys';
import { inSnapshotTransaction } from './snapshotTransaction';

/**
 * Tells everybody that this ledger was restored from a backup: it begins a new
 * lineage and publishes its newest configuration in it. Gateways that run a
 * later generation, of the time that is lost, then take this one.
 *
 * It is a person's decision and never made by itself. A restored ledger has
 * forgotten the revocations since the backup, so taking its word brings those
 * write keys back to life; revoke them again first.
 *
 * @public
 */
export async function beginRestoredLineage(db: Knex): Promise<void> {
  await inSnapshotTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO ledger_lineage (reason, began_at)
       SELECT 'restored', greatest(clock_timestamp(),
         max(began_at) + interval '1 microsecond')
       FROM ledger_lineage`,
    );
    await publishWriteKeys(tx);
  });
}
