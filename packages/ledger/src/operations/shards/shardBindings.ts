import { TakenShard } from './takeShard';

/** What names one taking of a shard in a statement. */
export function shardBindings({
  partitionId,
  fencingToken,
  shard,
  take,
}: TakenShard) {
  return { partitionId, fencingToken: String(fencingToken), shard, take };
}
