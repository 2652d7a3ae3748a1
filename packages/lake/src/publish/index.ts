export {
  assertFilesPresent,
  publishPartition,
  type LocalPart,
  type PublishedPartition,
  type PublishPartitionOptions,
} from './publishPartition';
