export { type ReplacedPartitions } from './knownIds';
export { manifestOf, nothingSealed } from './partitionManifest';
export { sealBucket, type SealBucketOptions } from './sealBucket';
export { sealEvents, type SealedEvents } from './sealEvents';
export {
  createTypeSchemas,
  toTypeSchema,
  type TypeSchema,
} from './typeSchemas';
