export * from './PartitionStrip';
