export { BrokerStore, type StoreOptions } from './BrokerStore';
export type {
  BacklogReference,
  Envelope,
  LoadedStore,
  StoreWriter,
  StoredSubscription,
  StoredTopic,
} from './types';
export { DiskWatch } from './DiskWatch';
