export { createProducer } from './browser/createProducer';
export type {
  BrowserQueueOptions,
  ProducerOptions,
} from './browser/createProducer';
export { ProducerError } from './errors';
export type { ProducerErrorCode } from './errors';
export type { CommonProducerOptions, RetryOptions } from './options';
export type {
  AcceptedVerdict,
  Clock,
  DataOf,
  DeliveryProblem,
  Deprecation,
  Drop,
  EnqueuedEvent,
  EventInput,
  EventOf,
  EventOptions,
  EventTypeDescriptor,
  Producer,
  ProducerStats,
  RefusedVerdict,
  Verdict,
} from './types';
