export type { Consumer, Delivery } from './consumer';
export {
  MAX_ACK_DEADLINE_SECONDS,
  MessageBroker,
  type NewMessage,
} from './MessageBroker';
export type { Subscription } from './Subscription';
