export { bucketEnd, bucketKey, bucketOf, parseBucketDuration } from './bucket';
export type { Bucket } from './bucket';
