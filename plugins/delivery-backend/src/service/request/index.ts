export { parseBucketStart, parseKeyId, parseName } from './parseNames';
export {
  parsePartitionsQuery,
  parseRefusedQuery,
  parseRowsQuery,
} from './parseQueries';
export { parseWriteKeyRequest } from './parseWriteKeyRequest';
