export { PartitionPanel } from './PartitionPanel';
