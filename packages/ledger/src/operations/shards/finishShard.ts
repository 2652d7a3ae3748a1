import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { shardBindings } from './shardBindings';
import { TakenShard } from './takeShard';

/**
 * Says that a shard is done: what became of it lies in its folder.
 *
 * @param options `resultSha256` of the file that says so, in hex
 * @returns whether it counts; it does not when another has taken the shard, or
 * the attempt it belonged to is over
 * @public
 */
export async function finishShard(
  db: Knex,
  options: { taken: TakenShard; resultSha256: string },
): Promise<boolean> {
  const { taken, resultSha256 } = options;
  const finished = await queryCount(
    db,
    `UPDATE seal_shards SET result_sha256 = :resultSha256
     WHERE partition_id = :partitionId AND fencing_token = :fencingToken
       AND shard = :shard AND takes = :take AND worker IS NOT NULL
       AND result_sha256 IS NULL`,
    { ...shardBindings(taken), resultSha256 },
  );
  return finished > 0;
}
