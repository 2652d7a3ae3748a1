import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { shardBindings } from './shardBindings';
import { TakenShard } from './takeShard';

/**
 * Holds a shard for longer.
 *
 * @returns whether it is still ours; if not, another has it, or the attempt it
 * belonged to is over
 * @public
 */
export async function holdShard(
  db: Knex,
  options: { taken: TakenShard; holdMs: number },
): Promise<boolean> {
  const { taken, holdMs } = options;
  const held = await queryCount(
    db,
    `UPDATE seal_shards
     SET taken_until = now() + :holdMs * interval '1 millisecond'
     WHERE partition_id = :partitionId AND fencing_token = :fencingToken
       AND shard = :shard AND takes = :take AND worker IS NOT NULL
       AND result_sha256 IS NULL`,
    { ...shardBindings(taken), holdMs },
  );
  return held > 0;
}
