export { createShardSweep, shardsFolder } from './createShardSweep';
export { helpWithShards } from './helpWithShards';
export { sealTogether } from './sealTogether';
export type { ShardJob } from './shardFiles';
