export { sealBucket, type SealBucketOptions } from './sealBucket';
export { createTypeSchemas, type TypeSchema } from './typeSchemas';
