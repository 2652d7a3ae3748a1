/**
 * The ingestion service: authenticates, validates, stamps and publishes
 * events, and answers each with a verdict.
 *
 * @packageDocumentation
 */

export { DEFAULT_ACCESS_LIMITS } from './access';
export type { AccessLimits } from './access';
export type { Clock } from './clock';
export { RequestError } from './errors';
export type { EventReason, RequestReason } from './errors';
export { startGateway } from './gateway';
export type { Gateway } from './gateway';
export type { DeprecatedEventType, EventsReply, FailedEvent } from './intake';
export { DEFAULT_LIMITS } from './options';
export type { GatewayLimits, GatewayLogger, GatewayOptions } from './options';
