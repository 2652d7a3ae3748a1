/**
 * The data plane's single truth: Postgres tables of gateways, batches,
 * partitions and counts, one SQL operation per file.
 *
 * @packageDocumentation
 */

export { addToSum, batchHash } from './batchSum';
export {
  createLedgerClient,
  type LedgerClientOptions,
} from './database/createLedgerClient';
export { migrateLedger } from './database/migrateLedger';
export { FencingError, LedgerError, type LedgerErrorCode } from './errors';
export * from './operations';
export type {
  BatchHeader,
  Bucket,
  ConfigSnapshot,
  EventKey,
  PartitionCounts,
  PartitionFile,
  PartitionRecord,
  PartitionStageTimes,
  PartitionState,
  RefusedEvent,
  ReplayLanding,
  SnapshotDeprecation,
  SnapshotEventType,
  SnapshotIntegrity,
  SnapshotWriteKey,
  StagedBatch,
  Tier,
  WriteKeyKind,
} from './types';
