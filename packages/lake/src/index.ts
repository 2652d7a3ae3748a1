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
  readIdFilesSql,
  writeIdFileSql,
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
} from './manifest';
export {
  hashFile,
  placeHashed,
  publishPartition,
  type LocalPart,
  type PublishedPartition,
  type PublishPartitionOptions,
} from './publish';
export { readRows, type ReadRowsOptions, type RowsPage } from './read';
export {
  LocalLakeStore,
  type LakeStore,
  type LocalLakeStoreOptions,
  type PutResult,
} from './store';
