export { helpWithShards } from './helpWithShards';
export { sealTogether } from './sealTogether';
export { shardsFolder, sweepShardFolders } from './sweepShardFolders';
