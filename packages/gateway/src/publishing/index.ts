export { PubSubBroker } from './broker';
export type { Broker, BrokerHealth } from './broker';
export { createEventPublisher } from './eventPublisher';
export type { EventPublisher, PublisherOptions } from './eventPublisher';
export { createRefusedPublisher } from './refusedPublisher';
export type { RefusedPublisher } from './refusedPublisher';
