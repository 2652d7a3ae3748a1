export {
  BrokerStore,
  type StoreOptions,
  prepareDirectory,
} from './BrokerStore';
export { compactStore } from './compactStore';
export type {
  BacklogReference,
  DeadLetterPolicy,
  Envelope,
  LeaseNumber,
  LoadedStore,
  RetryPolicy,
  StoreWriter,
  StoredSnapshot,
  StoredSubscription,
  StoredTopic,
} from './types';
export { DiskWatch } from './DiskWatch';
