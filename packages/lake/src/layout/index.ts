export {
  parsePartitionPath,
  partitionPath,
  type PartitionLocation,
} from './partitionPath';
