export { type AckResult, MAX_ACK_DEADLINE_SECONDS } from './Acknowledgements';
export type { Consumer, Delivery } from './consumer';
export { parseFilter } from './filter';
export { type DiskRoom, MessageBroker } from './MessageBroker';
export type { NewMessage } from './Publishing';
export type { SubscriptionSettings, TopicSettings } from './Registry';
export { checkSnapshotExpiry } from './Replay';
export type { Subscription } from './Subscription';
