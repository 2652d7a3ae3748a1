export { findImbalance, formatManifest, parseManifest } from './parseManifest';
export {
  listPartitionsInLake,
  manifestKeyOf,
  readManifest,
  readManifestBytes,
} from './readManifest';
export {
  type Manifest,
  type PartitionCounts,
  type PartitionFile,
  type PartitionKeySums,
} from './types';
