import { createApiRef } from '@backstage/frontend-plugin-api';
import type {
  AuditAcknowledgement,
  AuditCoverage,
  AuditFinding,
  AuditFindingList,
  BucketClosing,
  BucketLine,
  CreatedWriteKey,
  DeliveryOperations,
  DeliveryOverviewRow,
  DeliveryStatus,
  ForceCloseRequest,
  LedgerPage,
  LedgerQuery,
  LineDetail,
  PartitionAuditList,
  PartitionDetail,
  PartitionList,
  PartitionRows,
  RefusedEventDetail,
  RefusedEvents,
  RefusedEventsQuery,
  RefusedGroups,
  Replay,
  ReplayDetail,
  ReplayPreview,
  ReplayPreviewRequest,
  ReplayQuery,
  ReplayRequest,
  RevisionApproval,
  RevisionList,
  RevisionOperation,
  RevisionRequest,
  RolloutHistory,
  TestEvent,
  TestEventRequest,
  WriteKey,
  WriteKeyExpiry,
  WriteKeyRequest,
  WriteKeyRotation,
} from '@millrace/plugin-delivery-common';

/** @public */
export interface DeliveryRequestOptions {
  signal?: AbortSignal;
}

/**
 * The delivery backend. Every method throws a `ResponseError` when the backend
 * refuses.
 *
 * @public
 */
export interface DeliveryApi {
  getStatus(options?: DeliveryRequestOptions): Promise<DeliveryStatus>;
  /** How every event type one may see is delivered, by name. */
  getOverview(options?: DeliveryRequestOptions): Promise<DeliveryOverviewRow[]>;
  getEventType(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOverviewRow>;
  /** A page of partitions, newest first. */
  listPartitions(
    name: string,
    page: { limit: number; before?: string; includeEmpty: boolean },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionList>;
  /** What was accepted and what became of it, newest first. */
  getLedger(
    name: string,
    query: LedgerQuery,
    options?: DeliveryRequestOptions,
  ): Promise<LedgerPage>;
  /** The ledger line of a receive bucket, by gateway. */
  getBucketLine(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<LineDetail<BucketLine>>;
  /** Why a bucket is closed, or is not. */
  getClosing(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<BucketClosing>;
  /**
   * @param which - `bucketStart` is RFC 3339; without a `revision` the one that
   * readers see
   */
  getPartition(
    name: string,
    which: { bucketStart: string; revision?: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionDetail>;
  /** When the live partition of a bucket was audited last. */
  getPartitionAudit(
    name: string,
    bucketStart: string,
    options?: DeliveryRequestOptions,
  ): Promise<PartitionAuditList>;
  listRows(
    name: string,
    bucketStart: string,
    page: { revision?: number; limit: number; offset: number },
    options?: DeliveryRequestOptions,
  ): Promise<PartitionRows>;
  /**
   * Refused events, newest first: of one type, or, without a name, of all
   * types and of those nobody registered.
   */
  listRefused(
    name: string | undefined,
    query: RefusedEventsQuery,
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEvents>;
  /** What was refused of a type, by reason and field. */
  getRefusedGroups(
    name: string,
    query: { since: string },
    options?: DeliveryRequestOptions,
  ): Promise<RefusedGroups>;
  /** With its content. Each call is audited: do not repeat it unasked. */
  getRefusedEvent(
    name: string | undefined,
    refusalId: string,
    options?: DeliveryRequestOptions,
  ): Promise<RefusedEventDetail>;
  /** What a replay would do; nothing is sent. */
  previewReplay(
    name: string,
    request: ReplayPreviewRequest,
    options?: DeliveryRequestOptions,
  ): Promise<ReplayPreview>;
  createReplay(name: string, request: ReplayRequest): Promise<Replay>;
  /** Newest first. */
  listReplays(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<Replay[]>;
  getReplay(
    name: string,
    replayId: string,
    query: ReplayQuery,
    options?: DeliveryRequestOptions,
  ): Promise<ReplayDetail>;
  /** How delivery stands, for who runs it; a page of its event types. */
  getOperations(
    query: { search?: string; offset?: number; limit?: number },
    options?: DeliveryRequestOptions,
  ): Promise<DeliveryOperations>;
  /** What runs where, and a page of the generations that led there. */
  getRollouts(
    query: { before?: number; limit?: number },
    options?: DeliveryRequestOptions,
  ): Promise<RolloutHistory>;
  /** Orders a bucket that waits to be closed with what it has. */
  forceCloseBucket(
    name: string,
    bucketStart: string,
    request: ForceCloseRequest,
  ): Promise<BucketClosing>;
  /** Has a message that was set aside tried again, within seconds. */
  retryPoisonBatch(name: string, poisonId: string): Promise<void>;
  /** Asks for a preview of new revisions; nothing changes. */
  requestRevision(
    name: string,
    request: RevisionRequest,
  ): Promise<RevisionOperation>;
  /** Newest first. */
  listRevisions(
    name: string,
    page: { limit: number; before?: string },
    options?: DeliveryRequestOptions,
  ): Promise<RevisionList>;
  getRevision(
    name: string,
    operationId: string,
    options?: DeliveryRequestOptions,
  ): Promise<RevisionOperation>;
  /** Has what was previewed made. */
  approveRevision(
    name: string,
    operationId: string,
    approval: RevisionApproval,
  ): Promise<RevisionOperation>;
  cancelRevision(name: string, operationId: string): Promise<RevisionOperation>;
  /** What the auditor found and is not resolved, newest first. */
  listAuditFindings(
    query: { eventType?: string; limit: number; cursor?: string },
    options?: DeliveryRequestOptions,
  ): Promise<AuditFindingList>;
  /** How far the auditor has come, of the event types one may see. */
  getAuditCoverage(options?: DeliveryRequestOptions): Promise<AuditCoverage>;
  acknowledgeAuditFinding(
    findingId: string,
    acknowledgement: AuditAcknowledgement,
  ): Promise<AuditFinding>;
  /** Sends one event of the given data; it goes on by itself. */
  sendTestEvent(name: string, request: TestEventRequest): Promise<TestEvent>;
  /** The newest test events and how far each has come, newest first. */
  listTestEvents(
    name: string,
    options?: DeliveryRequestOptions,
  ): Promise<TestEvent[]>;
  /** The keys one may see, newest first. */
  listWriteKeys(options?: DeliveryRequestOptions): Promise<WriteKey[]>;
  createWriteKey(request: WriteKeyRequest): Promise<CreatedWriteKey>;
  /** Makes a successor; the old key goes on working for a while. */
  rotateWriteKey(
    keyId: string,
    rotation: WriteKeyRotation,
  ): Promise<CreatedWriteKey>;
  /** Sets, moves or takes away the end of a key that still works. */
  setWriteKeyExpiry(keyId: string, expiry: WriteKeyExpiry): Promise<WriteKey>;
  /** For good, within seconds on every gateway. */
  revokeWriteKey(keyId: string): Promise<void>;
}

/** @public */
export const deliveryApiRef = createApiRef<DeliveryApi>().with({
  id: 'plugin.delivery.client',
  pluginId: 'delivery',
});
