export { hashFile } from './hashFile';
export {
  assertFilesPresent,
  placeHashed,
  publishPartition,
  type LocalPart,
  type PublishedPartition,
  type PublishPartitionOptions,
} from './publishPartition';
