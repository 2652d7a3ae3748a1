export { BucketLooks } from './BucketLooks';
export {
  STAGE_WORDS,
  describeExpectation,
  describeInFlight,
  formatCompleteness,
  imbalanceOf,
} from './describeRow';
export { Partitions } from './Partitions';
export {
  PARTITION_PARAM,
  REVISION_PARAM,
  partitionHref,
} from './partitionLink';
export { StagesBar, StagesLegend } from './StagesBar';
export { type LedgerState, useLedger } from './useLedger';
