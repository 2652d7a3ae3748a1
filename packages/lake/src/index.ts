export {
  createDuckdb,
  listParameter,
  quoteIdentifier,
  quoteLiteral,
  toJsonValue,
  type Duckdb,
  type DuckdbOptions,
  type DuckdbParameters,
  type DuckdbRow,
  type DuckdbSession,
  type JsonValue,
} from './duckdb';
export { LakeError, type LakeErrorCode } from './errors';
export {
  findEventKeys,
  inspectIdFileSql,
  mergedIdFileKey,
  mergedIdFileToken,
  mergedIdsFolder,
  openableFile,
  readCountingIdsSql,
  readIdFilesSql,
  writeIdFileSql,
  type CountingIdFile,
  type FindEventKeysOptions,
} from './ids';
export {
  parsePartitionPath,
  partitionPath,
  type PartitionLocation,
} from './layout';
export {
  findImbalance,
  formatManifest,
  listPartitionsInLake,
  manifestKeyOf,
  parseManifest,
  readManifest,
  type Manifest,
  type PartitionCounts,
  type PartitionFile,
  type PartitionKeySums,
} from './manifest';
export {
  hashFile,
  placeHashed,
  placePartition,
  publishManifest,
  publishPartition,
  removeUnpublished,
  type LocalPart,
  type PlacedPartition,
  type PublishedPartition,
  type PublishPartitionOptions,
} from './publish';
export {
  createLocalCopies,
  readRows,
  type LocalCopies,
  type LocalCopiesOptions,
  type ObjectToCopy,
  type ReadRowsOptions,
  type RowsPage,
} from './read';
export {
  GcsLakeStore,
  LocalLakeStore,
  openLakeStore,
  parseLakeLocation,
  type GcsLakeStoreOptions,
  type LakeLocation,
  type LakeStore,
  type LocalLakeStoreOptions,
  type PutResult,
} from './store';
