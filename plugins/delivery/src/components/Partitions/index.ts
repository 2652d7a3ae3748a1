export { Partitions } from './Partitions';
export { PARTITION_PARAM, partitionHref } from './partitionLink';
