export { LocalLakeStore, type LocalLakeStoreOptions } from './LocalLakeStore';
export { type LakeStore, type PutResult } from './types';
