export {
  checkBalance,
  type BalanceReport,
  type NamedGap,
} from './completeness/checkBalance';
export {
  findBatchFaults,
  type BatchFault,
  type BatchFaultKind,
} from './completeness/findBatchFaults';
export {
  completenessOf,
  inFlightOf,
  type LedgerLine,
} from './completeness/ledgerLine';
export {
  listBatchFindings,
  type BatchFinding,
} from './completeness/listBatchFindings';
export { hasProducerSent } from './completeness/hasProducerSent';
export {
  listBucketLines,
  type BucketLine,
} from './completeness/listBucketLines';
export { listDayLines, type DayLine } from './completeness/listDayLines';
export {
  listGatewayLines,
  type GatewayLine,
} from './completeness/listGatewayLines';
export {
  listProducerGaps,
  type GapState,
  type ListProducerGapsOptions,
  type ProducerGap,
  type ProducerGaps,
} from './completeness/listProducerGaps';
export {
  listProducers,
  type ListProducersOptions,
  type ProducerCursor,
  type ProducerEpoch,
} from './completeness/listProducers';
export {
  listSpanLines,
  type ListSpanLinesOptions,
  type SpanLine,
} from './completeness/listSpanLines';
export { readBooksBegan } from './completeness/readBooksBegan';
export {
  readPartitionKeySums,
  type PartitionKeySums,
} from './completeness/readPartitionKeySums';
export { recordBatchFindings } from './completeness/recordBatchFindings';
export {
  recordDrops,
  type RecordDropsOptions,
  type ReportedDrop,
} from './completeness/recordDrops';
export {
  recordPartitionBooks,
  type OriginFates,
  type RecordPartitionBooksOptions,
} from './completeness/recordPartitionBooks';
export {
  recordSequences,
  type RecordSequencesOptions,
  type SequenceChunk,
} from './completeness/recordSequences';
export {
  announcingResource,
  type Announcer,
} from './announcing/announcementCursor';
export {
  moveAnnouncementCursor,
  type MoveAnnouncementCursorOptions,
} from './announcing/moveAnnouncementCursor';
export { readAnnouncementCursor } from './announcing/readAnnouncementCursor';
export {
  acknowledgeAuditFinding,
  type AcknowledgeAuditFindingOptions,
} from './audit/acknowledgeAuditFinding';
export {
  auditResource,
  type AuditFinding,
  type AuditFindingRecord,
  type AuditFindingState,
} from './audit/auditTypes';
export {
  auditFindingCodes,
  severityOf,
  type AuditFindingCode,
  type AuditSeverity,
} from './audit/findingCodes';
export { getAuditFinding } from './audit/getAuditFinding';
export {
  listAuditFindings,
  type ListAuditFindingsOptions,
} from './audit/listAuditFindings';
export {
  listAuditPeers,
  type AuditPeer,
  type ListAuditPeersOptions,
} from './audit/listAuditPeers';
export { listFoldersToAudit } from './audit/listFoldersToAudit';
export {
  listKnownRevisions,
  type KnownRevision,
} from './audit/listKnownRevisions';
export {
  listLivePartitions,
  type LivePartition,
} from './audit/listLivePartitions';
export {
  listPartitionAudits,
  type ListPartitionAuditsOptions,
  type PartitionAuditRecord,
} from './audit/listPartitionAudits';
export {
  listPartitionsToAudit,
  type ListPartitionsToAuditOptions,
  type PartitionToAudit,
} from './audit/listPartitionsToAudit';
export { listUntoldFindings } from './audit/listUntoldFindings';
export { markFindingsTold } from './audit/markFindingsTold';
export {
  readAuditSubject,
  type AuditSubject,
  type ReadAuditSubjectOptions,
} from './audit/readAuditSubject';
export {
  readBatchAccounts,
  type BatchAccounts,
  type GatewayAccount,
} from './audit/readBatchAccounts';
export {
  recordFolderAudit,
  type RecordFolderAuditOptions,
} from './audit/recordFolderAudit';
export {
  recordPartitionAudit,
  type RecordPartitionAuditOptions,
} from './audit/recordPartitionAudit';
export type { SavedFindings } from './audit/saveFindings';
export { summarizeAudits, type AuditSummary } from './audit/summarizeAudits';
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
export {
  type ConditionRecord,
  listConditions,
} from './conditions/listConditions';
export {
  type FoundCondition,
  recordConditions,
} from './conditions/recordConditions';
export { beginRestoredLineage } from './configSnapshots/beginRestoredLineage';
export {
  compareConfigSnapshot,
  type SnapshotStanding,
} from './configSnapshots/compareConfigSnapshot';
export { findTopicsInUse } from './configSnapshots/findTopicsInUse';
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
export { countAttempts } from './consumer/countAttempts';
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
  type DriftRepairRecord,
  listDriftRepairs,
} from './drift/listDriftRepairs';
export { listOrphans } from './drift/listOrphans';
export {
  type BrokerOrphan,
  type BrokerOrphanRecord,
  noteOrphans,
} from './drift/noteOrphans';
export {
  type DriftRepair,
  recordDriftRepairs,
} from './drift/recordDriftRepairs';
export {
  countOpenFindings,
  type OpenFindings,
} from './fleet/countOpenFindings';
export {
  listAllWaitingBuckets,
  type FleetWaitingBucket,
  type FleetWaitingBuckets,
} from './fleet/listAllWaitingBuckets';
export { listConsumers, type ConsumerRecord } from './fleet/listConsumers';
export {
  listLatePartitions,
  type LatePartition,
  type LatePartitions,
  type ListLatePartitionsOptions,
} from './fleet/listLatePartitions';
export {
  listOpenPoison,
  type OpenPoison,
  type OpenPoisonList,
} from './fleet/listOpenPoison';
export {
  listSealingPartitions,
  type SealingPartition,
  type SealingPartitions,
} from './fleet/listSealingPartitions';
export {
  listTypeStandings,
  type BrokerReading,
  type TypeConsumer,
  type TypeStanding,
} from './fleet/listTypeStandings';
export {
  readNewestGeneration,
  type NewestGeneration,
} from './fleet/readNewestGeneration';
export {
  declareBucket,
  type DeclareBucketOptions,
} from './gateways/declareBucket';
export { endGateway } from './gateways/endGateway';
export {
  heartbeatGateway,
  type HeartbeatGatewayOptions,
} from './gateways/heartbeatGateway';
export { readLedgerTime } from './gateways/readLedgerTime';
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
export { findBucketBefore } from './partitions/findBucketBefore';
export {
  findSealedPartitions,
  type BucketKey,
} from './partitions/findSealedPartitions';
export {
  getPartition,
  type GetPartitionOptions,
  type PartitionDetailRecord,
} from './partitions/getPartition';
export { listBuckets, type BucketRecord } from './partitions/listBuckets';
export {
  listPartitionRevisions,
  type PartitionRevisionRecord,
} from './partitions/listPartitionRevisions';
export {
  listPartitions,
  type ListPartitionsOptions,
} from './partitions/listPartitions';
export {
  listSealedPartitions,
  type ListSealedPartitionsOptions,
} from './partitions/listSealedPartitions';
export type { SealedPartitionRecord } from './partitions/sealedPartitionRow';
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
  summarizeSpans,
  type SpanSummary,
  type SummarizeSpansOptions,
} from './partitions/summarizeSpans';
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
export {
  beginRemoval,
  type BeginRemovalOptions,
} from './removals/beginRemoval';
export {
  finishRemovalStep,
  type FinishRemovalStepOptions,
} from './removals/finishRemovalStep';
export { getRemoval } from './removals/getRemoval';
export {
  listOpenRemovals,
  type OpenRemoval,
  type RemovalFacts,
} from './removals/listOpenRemovals';
export { listTypesToMark } from './removals/listTypesToMark';
export { noteRemovalGeneration } from './removals/noteRemovalGeneration';
export {
  noteRemovalWaiting,
  type NoteRemovalWaitingOptions,
} from './removals/noteRemovalWaiting';
export { noteTypesMarked } from './removals/noteTypesMarked';
export { type LedgerFootprint, readFootprint } from './removals/readFootprint';
export { readInstallation } from './removals/readInstallation';
export {
  REMOVAL_STEPS,
  type RemovalRecord,
  type RemovalStep,
} from './removals/removalTypes';
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
  approveRevision,
  type ApproveRevisionOptions,
} from './revisions/approveRevision';
export { beginAttempt } from './revisions/beginAttempt';
export { beginRevision, type BegunRevision } from './revisions/beginRevision';
export {
  cancelRevision,
  type CancelRevisionOptions,
} from './revisions/cancelRevision';
export { commitRevision } from './revisions/commitRevision';
export { expireRevisions } from './revisions/expireRevisions';
export { failRevision } from './revisions/failRevision';
export { getRevision } from './revisions/getRevision';
export { listenForRevisions } from './revisions/listenForRevisions';
export {
  listRevisions,
  type ListRevisionsOptions,
} from './revisions/listRevisions';
export {
  listSealedSince,
  readLastSealed,
  type SealedRevision,
} from './revisions/listSealedSince';
export {
  listRevisionWork,
  type RevisionWork,
} from './revisions/listRevisionWork';
export { markRevisionSwept } from './revisions/markRevisionSwept';
export { noteRevisionProgress } from './revisions/noteRevisionProgress';
export { postponeRevision } from './revisions/postponeRevision';
export {
  prepareRevision,
  type PreparedRevision,
  type SealedRevisionFacts,
} from './revisions/prepareRevision';
export { readIdsOrder } from './revisions/readIdsOrder';
export {
  readPreparedRevision,
  type PreparedOperation,
} from './revisions/readPreparedRevision';
export {
  readRevisionPlan,
  type RevisionPlan,
  type RevisionToMake,
} from './revisions/readRevisionPlan';
export { readSchemaVersion } from './revisions/readSchemaVersion';
export {
  recordPreview,
  type PreviewedRevision,
} from './revisions/recordPreview';
export type { ReplacedIds } from './revisions/removeReplacedIds';
export {
  requestRevision,
  type RequestRevisionOptions,
} from './revisions/requestRevision';
export {
  previewResource,
  type RevisionChangeRecord,
  type RevisionCounts,
  type RevisionKind,
  type RevisionProblemCode,
  type RevisionRecord,
  type RevisionSource,
  type RevisionState,
  type RevisionStep,
} from './revisions/revisionTypes';
export {
  type ComponentRecord,
  listComponents,
} from './rollouts/listComponents';
export {
  listRollouts,
  type ListRolloutsOptions,
  type RolloutRecord,
} from './rollouts/listRollouts';
export { listUnrecordedGenerations } from './rollouts/listUnrecordedGenerations';
export { noteRolloutsEverywhere } from './rollouts/noteRolloutsEverywhere';
export { pruneRollouts } from './rollouts/pruneRollouts';
export {
  readSnapshotChanges,
  type SnapshotChanges,
  type SnapshotLine,
} from './rollouts/readSnapshotChanges';
export {
  recordRollout,
  type RecordRolloutOptions,
  type RolloutChange,
} from './rollouts/recordRollout';
export {
  beginPublishing,
  type BeginPublishingOptions,
} from './sealing/beginPublishing';
export {
  beginSealing,
  type BeginSealingOptions,
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
export type { FrozenBatch } from './sealing/frozenBatch';
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
export { finishShard } from './shards/finishShard';
export { holdShard } from './shards/holdShard';
export { leaveShard } from './shards/leaveShard';
export { listShardFolders } from './shards/listShardFolders';
export { offerShards, type OfferShardsOptions } from './shards/offerShards';
export { readShards, type ShardProgress } from './shards/readShards';
export {
  takeShard,
  type TakenShard,
  type TakeShardOptions,
} from './shards/takeShard';
export {
  beginSinkLoad,
  type BeginSinkLoadOptions,
} from './sinks/beginSinkLoad';
export { listSinkLoads } from './sinks/listSinkLoads';
export { listSinkWork } from './sinks/listSinkWork';
export { readDueSinkLoads, type DueSinkLoad } from './sinks/readDueSinkLoads';
export {
  recordSinkLoad,
  type RecordSinkLoadOptions,
  type SinkLoadOutcome,
} from './sinks/recordSinkLoad';
export { registerSink, type RegisterSinkOptions } from './sinks/registerSink';
export type { SinkLoadRecord, SinkLoadState } from './sinks/sinkTypes';
export {
  beginTestEvent,
  type BeginTestEventOptions,
} from './testEvents/beginTestEvent';
export {
  finishTestEvent,
  type FinishTestEventOptions,
  type TestEventAnswer,
} from './testEvents/finishTestEvent';
export {
  listTestEvents,
  type ListTestEventsOptions,
  type TestEventRecord,
} from './testEvents/listTestEvents';
export {
  noteTestEventAttempt,
  type NoteTestEventAttemptOptions,
} from './testEvents/noteTestEventAttempt';
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
