export type { Batch } from './batchGatherer';
export { PubSubBroker } from './broker';
export type { Broker, BrokerHealth } from './broker';
export { createEventPublisher } from './eventPublisher';
export type { EventPublisher, PublisherOptions } from './eventPublisher';
export type { LineSource } from './lineBuffer';
export { createRefusedPublisher } from './refusedPublisher';
export type { RefusedPublisher } from './refusedPublisher';
