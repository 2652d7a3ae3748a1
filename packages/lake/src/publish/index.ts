export { hashFile } from './hashFile';
export {
  assertFilesPresent,
  placeHashed,
  placePartition,
  publishManifest,
  publishPartition,
  removeUnpublished,
  type LocalPart,
  type PlacedPartition,
  type PublishedPartition,
  type PublishPartitionOptions,
} from './publishPartition';
