export {
  parseBucketLinesQuery,
  parseDay,
  parseDaysQuery,
  parseGapsQuery,
  parseLedgerQuery,
  parseProducersQuery,
} from './parseCompletenessQueries';
export {
  parseAcknowledgement,
  parseAuditsQuery,
  parseFindingId,
  parseFindingsQuery,
} from './parseAuditRequest';
export { parseForceCloseRequest, parsePoisonId } from './parseClosingRequest';
export { parseBucketStart, parseKeyId, parseName } from './parseNames';
export { parseOperationsQuery } from './parseOperationsQuery';
export { parseRolloutsQuery } from './parseRolloutsQuery';
export {
  parsePartitionQuery,
  parsePartitionsQuery,
  parseRefusedGroupsQuery,
  parseRefusedQuery,
  parseRowsQuery,
} from './parseQueries';
export {
  parseRefusalId,
  parseReplayId,
  parseReplayPreviewRequest,
  parseReplayQuery,
  parseReplayRequest,
} from './parseReplayRequest';
export {
  parseOperationId,
  parseRevisionApproval,
  parseRevisionRequest,
  parseRevisionsQuery,
} from './parseRevisionRequest';
export {
  parseTestEventId,
  parseTestEventRequest,
} from './parseTestEventRequest';
export {
  parseWriteKeyExpiry,
  parseWriteKeyRequest,
  parseWriteKeyRotation,
} from './parseWriteKeyRequest';
