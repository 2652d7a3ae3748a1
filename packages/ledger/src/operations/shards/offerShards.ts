import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { assertFencingToken } from '../leases/assertFencingToken';
import { sealResource } from '../sealing/sealResource';

/** @public */
export interface OfferShardsOptions {
  partitionId: string;
  /** Of the lease on `seal:<eventType>`. */
  fencingToken: bigint;
  worker: string;
  /** Numbers of the shards that have events, and where their lines lie. */
  shards: { shard: number; folder: string }[];
}

/**
 * Offers the shards of a bucket that is being sealed to whoever has time, and
 * takes back those that an earlier attempt had offered.
 *
 * Guarantees: under a stale fencing token nothing happens and
 * {@link FencingError} is thrown; only a partition that is being sealed has
 * shards (`partition_already_sealed`).
 *
 * @public
 */
export async function offerShards(
  db: Knex,
  options: OfferShardsOptions,
): Promise<void> {
  const { partitionId, fencingToken, worker, shards } = options;
  await inTransaction(db, async tx => {
    const [partition] = await queryRows<{ eventType: string; state: string }>(
      tx,
      `SELECT event_type AS "eventType", state FROM partitions
       WHERE partition_id = :partitionId FOR SHARE`,
      { partitionId },
    );
    if (partition?.state !== 'sealing') {
      throw new LedgerError(
        partition ? 'partition_already_sealed' : 'partition_not_found',
        `Partition ${partitionId} is not being sealed`,
      );
    }
    await assertFencingToken(tx, {
      resource: sealResource(partition.eventType),
      fencingToken,
    });
    await tx.raw('DELETE FROM seal_shards WHERE partition_id = :partitionId', {
      partitionId,
    });
    await tx.raw(
      `INSERT INTO seal_shards
         (partition_id, fencing_token, shard, folder, offered_by)
       SELECT :partitionId, :fencingToken, s.shard, s.folder, :worker
       FROM jsonb_to_recordset(:shards::jsonb) AS s (shard integer, folder text)`,
      {
        partitionId,
        fencingToken: String(fencingToken),
        worker,
        shards: JSON.stringify(shards),
      },
    );
  });
}
