export { createProducer } from './producer';
export { ProducerError } from './errors';
export type { ProducerErrorCode } from './errors';
export type { ProducerOptions, RetryOptions } from './options';
export type {
  AcceptedVerdict,
  Clock,
  DeliveryProblem,
  EventInput,
  Producer,
  ProducerStats,
  RefusedVerdict,
  Verdict,
} from './types';
