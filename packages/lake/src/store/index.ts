export { GcsLakeStore, type GcsLakeStoreOptions } from './gcs/GcsLakeStore';
export { LocalLakeStore, type LocalLakeStoreOptions } from './LocalLakeStore';
export {
  openLakeStore,
  parseLakeLocation,
  type LakeLocation,
} from './openLakeStore';
export { type LakeStore, type PutResult } from './types';
