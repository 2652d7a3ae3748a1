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
export { listReplayedEventKeys } from './replays/listReplayedEventKeys';
export { listReplays, type ListReplaysOptions } from './replays/listReplays';
export {
  markReplayEventsSending,
  type ReplayEventToSend,
} from './replays/markReplayEventsSending';
export { noteReplayMessage } from './replays/noteReplayMessage';
export { proveReplays } from './replays/proveReplays';
export { pruneReplayLandings } from './replays/pruneReplayLandings';
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
  beginPublishing,
  type BeginPublishingOptions,
} from './sealing/beginPublishing';
export {
  beginSealing,
  type BeginSealingOptions,
  type FrozenBatch,
  type SealingWork,
} from './sealing/beginSealing';
export {
  commitPartition,
  type CommitPartitionOptions,
  type CommittedIds,
} from './sealing/commitPartition';
export {
  findKnownEventKeys,
  type FindKnownEventKeysOptions,
} from './sealing/findKnownEventKeys';
export { forgetIdFiles } from './sealing/forgetIdFiles';
export { hasEventIdsInLedger } from './sealing/hasEventIdsInLedger';
export {
  listBucketsToClose,
  type BucketToClose,
  type ListBucketsToCloseOptions,
} from './sealing/listBucketsToClose';
export { listIdFilePaths } from './sealing/listIdFilePaths';
export {
  listIdFiles,
  type IdFile,
  type LiveIdFiles,
} from './sealing/listIdFiles';
export { listRetiredIdFiles } from './sealing/listRetiredIdFiles';
export {
  listStagedToRemove,
  type StagedToRemove,
} from './sealing/listStagedToRemove';
export { listTypesWithIdFilesToMerge } from './sealing/listTypesWithIdFilesToMerge';
export { markStagedRemoved } from './sealing/markStagedRemoved';
export { mergeIdsResource } from './sealing/mergeIdsResource';
export { pruneEventIds } from './sealing/pruneEventIds';
export {
  readClosingInputs,
  type ClosingInputs,
  type ClosingInputsOfGateway,
} from './sealing/readClosingInputs';
export {
  replaceIdFiles,
  type ReplaceIdFilesOptions,
} from './sealing/replaceIdFiles';
export { retireIdFiles } from './sealing/retireIdFiles';
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
