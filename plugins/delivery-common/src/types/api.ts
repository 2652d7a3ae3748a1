import type { DeliveryOverviewRow, TierAttainment } from './overview';
import type { WriteKey } from './writeKeys';

/*
 * The lists of the delivery API, `/api/delivery`. Answers to the other routes
 * have the type of what they are about:
 *
 * GET    /status                                      DeliveryStatus
 * GET    /overview                                    DeliveryOverview
 * GET    /event-types/:name                           DeliveryOverviewRow
 * GET    /event-types/:name/partitions                PartitionList
 * GET    /event-types/:name/partitions/:bucketStart   PartitionDetail
 * GET    …/:bucketStart/rows                          PartitionRows
 * GET    /event-types/:name/ledger                    LedgerPage
 * GET    /event-types/:name/completeness              CompletenessList
 * GET    /event-types/:name/completeness/:day         LineDetail<DayLine>
 * GET    /event-types/:name/books                     BucketLineList
 * GET    /event-types/:name/books/:bucketStart        LineDetail<BucketLine>
 * GET    /event-types/:name/producers                 ProducerList
 * GET    /event-types/:name/producers/gaps            ProducerGapList
 * GET    /event-types/:name/closing                   WaitingBuckets
 * GET    /event-types/:name/closing/:bucketStart      BucketClosing
 * POST   …/closing/:bucketStart/force                 BucketClosing
 * GET    /operations                                  DeliveryOperations
 * POST   /event-types/:name/revisions                 RevisionOperation
 * GET    /event-types/:name/revisions                 RevisionList
 * GET    …/revisions/:operationId                     RevisionOperation
 * POST   …/revisions/:operationId/approve             RevisionOperation
 * POST   …/revisions/:operationId/cancel              RevisionOperation
 * GET    /event-types/:name/poison                    PoisonBatches
 * POST   /event-types/:name/poison/:poisonId/retry    202
 * GET    /event-types/:name/refused                   RefusedEvents
 * GET    /event-types/:name/refused/groups            RefusedGroups
 * GET    /event-types/:name/refused/:refusalId        RefusedEventDetail
 * GET    /refused                                     RefusedEvents
 * GET    /refused/:refusalId                          RefusedEventDetail
 * POST   /event-types/:name/replays/preview           ReplayPreview
 * POST   /event-types/:name/replays                   Replay
 * GET    /event-types/:name/replays                   ReplayList
 * GET    /event-types/:name/replays/:replayId         ReplayDetail
 * GET    /datasets/:name/partitions                   DatasetPartitionList
 * GET    /datasets/:name/partitions/:bucketStart      DatasetPartitionState
 * GET    …/:bucketStart/manifest                      SignedManifest
 * GET    …/:bucketStart/files/:file                   the bytes of a file
 * GET    /.well-known/jwks.json                       ManifestKeySet
 * GET    /event-types/:name/audits                    PartitionAuditList
 * GET    /audit/coverage                              AuditCoverage
 * GET    /audit/findings                              AuditFindingList
 * GET    /audit/findings/:findingId                   AuditFinding
 * POST   /audit/findings/:findingId/acknowledge       AuditFinding
 * GET    /write-keys                                  WriteKeyList
 * POST   /write-keys                                  CreatedWriteKey
 * POST   /write-keys/:keyId/rotate                    CreatedWriteKey
 * POST   /write-keys/:keyId/expiry                    WriteKey
 * DELETE /write-keys/:keyId                           204
 */

/**
 * The answer of `GET /overview`: the event types one may read, by name.
 *
 * @public
 */
export interface DeliveryOverview {
  items: DeliveryOverviewRow[];
  /** Of the same event types; tiers without any are left out. */
  tiers: TierAttainment[];
}

/**
 * The answer of `GET /write-keys`, newest first.
 *
 * @public
 */
export interface WriteKeyList {
  items: WriteKey[];
}
