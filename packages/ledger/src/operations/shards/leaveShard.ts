import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { shardBindings } from './shardBindings';
import { TakenShard } from './takeShard';

/**
 * Gives a shard back that could not be worked on, to whoever takes it next.
 *
 * @public
 */
export async function leaveShard(
  db: Knex,
  options: { taken: TakenShard },
): Promise<void> {
  await queryCount(
    db,
    `UPDATE seal_shards SET worker = NULL, taken_until = NULL
     WHERE partition_id = :partitionId AND fencing_token = :fencingToken
       AND shard = :shard AND takes = :take AND result_sha256 IS NULL`,
    shardBindings(options.taken),
  );
}
