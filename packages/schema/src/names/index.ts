export { parseEventTypeName } from './eventTypeName';
export {
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  subscriptionOf,
  topicOf,
} from './topics';
