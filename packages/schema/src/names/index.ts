export { parseEventTypeName } from './eventTypeName';
export {
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from './topics';
