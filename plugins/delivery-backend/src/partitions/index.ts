export { PartitionReader } from './PartitionReader';
export { toPartitionSummary } from './toPartition';
