export {
  publishConfigSnapshot,
  type PublishConfigSnapshotOptions,
} from './configSnapshots/publishConfigSnapshot';
export { readConfigSnapshot } from './configSnapshots/readConfigSnapshot';
export {
  classifyStagedFiles,
  type StagedFileUse,
} from './consumer/classifyStagedFiles';
export { pruneStagedBatches } from './consumer/pruneStagedBatches';
export {
  recordPoisonBatch,
  type PoisonBatch,
} from './consumer/recordPoisonBatch';
export {
  recordRefusedEvents,
  type RecordRefusedEventsOptions,
} from './consumer/recordRefusedEvents';
export {
  recordStagedBatches,
  type RecordStagedBatchesOptions,
  type RecordStagedBatchesResult,
} from './consumer/recordStagedBatches';
export {
  declareBucket,
  type DeclareBucketOptions,
} from './gateways/declareBucket';
export { endGateway } from './gateways/endGateway';
export {
  heartbeatGateway,
  type HeartbeatGatewayOptions,
} from './gateways/heartbeatGateway';
export { listGateways, type GatewayRecord } from './gateways/listGateways';
export {
  registerGateway,
  type RegisterGatewayOptions,
} from './gateways/registerGateway';
export { claimLease, type ClaimLeaseOptions } from './leases/claimLease';
export { releaseLease } from './leases/releaseLease';
export { renewLease } from './leases/renewLease';
export {
  getPartition,
  type GetPartitionOptions,
  type PartitionDetailRecord,
} from './partitions/getPartition';
export {
  listPartitions,
  type ListPartitionsOptions,
} from './partitions/listPartitions';
export {
  summarizeDelivery,
  type DeliverySummary,
  type SummarizeDeliveryOptions,
} from './partitions/summarizeDelivery';
export {
  countRefusedEvents,
  type CountRefusedEventsOptions,
  type RefusedEventCount,
} from './refused/countRefusedEvents';
export {
  listRefusedEvents,
  type ListRefusedEventsOptions,
  type RefusedEventRecord,
} from './refused/listRefusedEvents';
export {
  beginSealing,
  type BeginSealingOptions,
  type FrozenBatch,
  type SealingWork,
} from './sealing/beginSealing';
export {
  commitPartition,
  type CommitPartitionOptions,
} from './sealing/commitPartition';
export {
  findKnownEventKeys,
  type FindKnownEventKeysOptions,
} from './sealing/findKnownEventKeys';
export {
  listBucketsToClose,
  type BucketToClose,
  type ListBucketsToCloseOptions,
} from './sealing/listBucketsToClose';
export { pruneEventIds } from './sealing/pruneEventIds';
export {
  readClosingInputs,
  type ClosingInputs,
  type ClosingInputsOfGateway,
} from './sealing/readClosingInputs';
export { sealResource } from './sealing/sealResource';
export {
  heartbeatWorker,
  type HeartbeatWorkerOptions,
} from './workers/heartbeatWorker';
export { listWorkers, type WorkerRecord } from './workers/listWorkers';
export {
  createWriteKey,
  type CreateWriteKeyOptions,
} from './writeKeys/createWriteKey';
export { listSnapshotWriteKeys } from './writeKeys/listSnapshotWriteKeys';
export { listWriteKeys, type WriteKeyRecord } from './writeKeys/listWriteKeys';
export { revokeWriteKey } from './writeKeys/revokeWriteKey';
export {
  hashWriteKeySecret,
  isWriteKeySecret,
  parseWriteKey,
} from './writeKeys/writeKeyText';
