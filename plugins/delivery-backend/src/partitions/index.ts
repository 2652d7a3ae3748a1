export { PartitionReader } from './PartitionReader';
export {
  expectedByOf,
  toLedgerBucket,
  toPartitionSummary,
} from './toPartition';
