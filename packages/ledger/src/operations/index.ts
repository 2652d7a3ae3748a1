export { forceClosing, type ForceClosingOptions } from './closing/forceClosing';
export {
  listWaitingBuckets,
  type WaitingBucketSummary,
} from './closing/listWaitingBuckets';
export {
  missingFrom,
  type GatewayDebts,
  type MissingEvents,
  type MissingOfGateway,
} from './closing/missingFrom';
export {
  readForcedClosing,
  type ForcedClosing,
} from './closing/readForcedClosing';
export {
  readWaitingBucket,
  type WaitingBucket,
} from './closing/readWaitingBucket';
export {
  recordWaitingBuckets,
  type RecordWaitingBucketsOptions,
} from './closing/recordWaitingBuckets';
export { beginRestoredLineage } from './configSnapshots/beginRestoredLineage';
export {
  compareConfigSnapshot,
  type SnapshotStanding,
} from './configSnapshots/compareConfigSnapshot';
export {
  listenForConfig,
  type ConfigListener,
  type ListenForConfigOptions,
} from './configSnapshots/listenForConfig';
export {
  publishConfigSnapshot,
  type PublishConfigSnapshotOptions,
} from './configSnapshots/publishConfigSnapshot';
export { readConfigSnapshot } from './configSnapshots/readConfigSnapshot';
export {
  checkSnapshot,
  type SnapshotContent,
} from './configSnapshots/snapshotContent';
export {
  classifyStagedFiles,
  type StagedFileUse,
} from './consumer/classifyStagedFiles';
export { countAttempt } from './consumer/countAttempt';
export { findSetAside } from './consumer/findSetAside';
export { forgetAttempts } from './consumer/forgetAttempts';
export {
  listPoisonBatches,
  type ListPoisonBatchesOptions,
  type PoisonBatchList,
  type PoisonBatchRecord,
} from './consumer/listPoisonBatches';
export {
  noteAttempts,
  type NoteAttemptsOptions,
} from './consumer/noteAttempts';
export { pruneAttempts } from './consumer/pruneAttempts';
export { pruneStagedBatches } from './consumer/pruneStagedBatches';
export {
  readPoisonRetries,
  type PoisonRetry,
} from './consumer/readPoisonRetries';
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
export { requestPoisonRetry } from './consumer/requestPoisonRetry';
export { resolvePoisonBatch } from './consumer/resolvePoisonBatch';
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
export type { ConsumptionClaim } from './leases/assertConsumption';
export {
  claimConsumption,
  type ClaimConsumptionOptions,
  type ClaimedEventType,
} from './leases/claimConsumption';
export { claimLease, type ClaimLeaseOptions } from './leases/claimLease';
export { finishDraining } from './leases/finishDraining';
export { gatewaysAreCurrent } from './leases/gatewaysAreCurrent';
export {
  joinConsumers,
  type JoinConsumersOptions,
} from './leases/joinConsumers';
export { leaveConsumers } from './leases/leaveConsumers';
export { releaseConsumption } from './leases/releaseConsumption';
export { releaseLease } from './leases/releaseLease';
export {
  renewConsumption,
  type ConsumptionStanding,
  type HeldEventType,
} from './leases/renewConsumption';
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
  readMilestones,
  type DeliveryMilestones,
} from './partitions/readMilestones';
export {
  summarizeDelivery,
  type DeliverySummary,
  type SummarizeDeliveryOptions,
} from './partitions/summarizeDelivery';
export {
  summarizeTiers,
  type SummarizeTiersOptions,
  type TierSummary,
} from './partitions/summarizeTiers';
export {
  countRefusedEvents,
  type CountRefusedEventsOptions,
  type RefusedEventCount,
} from './refused/countRefusedEvents';
export {
  getRefusedEvent,
  type RefusedEventWithContent,
} from './refused/getRefusedEvent';
export {
  groupRefusedEvents,
  type RefusedGroupRecord,
} from './refused/groupRefusedEvents';
export {
  listRefusedEvents,
  type ListRefusedEventsOptions,
} from './refused/listRefusedEvents';
export {
  pruneRefusedEvents,
  type PruneRefusedEventsOptions,
  type PruneRefusedEventsResult,
} from './refused/pruneRefusedEvents';
export type { RefusedEventRecord } from './refused/refusedEventRow';
export {
  refusedFieldOf,
  type RefusedEventFilter,
  type RefusedReplayState,
} from './refused/refusedFilter';
export { beginReplay, type BeginReplayOptions } from './replays/beginReplay';
export { createReplay, type CreateReplayOptions } from './replays/createReplay';
export { findReplayedEventKeys } from './replays/findReplayedEventKeys';
export { finishReplay } from './replays/finishReplay';
export { listOpenReplays, type OpenReplay } from './replays/listOpenReplays';
export {
  listReplayEvents,
  type ListReplayEventsOptions,
  type ReplayEventRecord,
} from './replays/listReplayEvents';
export { listReplays, type ListReplaysOptions } from './replays/listReplays';
export {
  markReplayEventsSending,
  type ReplayEventToSend,
} from './replays/markReplayEventsSending';
export { noteReplayMessage } from './replays/noteReplayMessage';
export { proveReplays } from './replays/proveReplays';
export {
  readReplayCandidates,
  type ReplayCandidate,
} from './replays/readReplayCandidates';
export {
  readUnsentReplayEvents,
  type UnsentReplayEvent,
} from './replays/readUnsentReplayEvents';
export {
  recordReplayOutcomes,
  type ReplayOutcome,
} from './replays/recordReplayOutcomes';
export { suspendReplay } from './replays/suspendReplay';
export type { ReplaySelectionOptions } from './replays/replaySelection';
export {
  replayResource,
  type ReplayEventRecordState,
  type ReplayRecord,
  type ReplayRecordCounts,
  type ReplayRecordState,
} from './replays/replayTypes';
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
  type NewWriteKey,
} from './writeKeys/createWriteKey';
export { listSnapshotWriteKeys } from './writeKeys/listSnapshotWriteKeys';
export {
  listWriteKeys,
  type WriteKeyRecord,
  type WriteKeyUseRecord,
} from './writeKeys/listWriteKeys';
export { pruneWriteKeyUses } from './writeKeys/pruneWriteKeyUses';
export {
  recordWriteKeyUses,
  type RecordWriteKeyUsesOptions,
} from './writeKeys/recordWriteKeyUses';
export { revokeWriteKey } from './writeKeys/revokeWriteKey';
export {
  rotateWriteKey,
  type RotateWriteKeyOptions,
} from './writeKeys/rotateWriteKey';
export { setWriteKeyExpiry } from './writeKeys/setWriteKeyExpiry';
export {
  hashWriteKeySecret,
  isWriteKeySecret,
  parseWriteKey,
} from './writeKeys/writeKeyText';
