import { parseEventTypeName } from './eventTypeName';

/**
 * Topic of refused events that belong to no event type: the type is unknown, or
 * the envelope could not be read. Those of a known type go to a topic of the
 * type, see {@link refusedTopicOf}.
 *
 * @public
 */
export const REFUSED_TOPIC = 'refused-events';

/**
 * Subscription through which the workers read {@link REFUSED_TOPIC}.
 *
 * @public
 */
export const REFUSED_SUBSCRIPTION = 'refused-events.delivery';

/**
 * The broker topic of an event type.
 *
 * @throws SchemaError with code `invalid_event_type_name`
 * @public
 */
export function topicOf(eventType: string): string {
  return `event.${parseEventTypeName(eventType)}`;
}

/**
 * The subscription through which the workers read an event type.
 *
 * @throws SchemaError with code `invalid_event_type_name`
 * @public
 */
export function subscriptionOf(eventType: string): string {
  return `${topicOf(eventType)}.delivery`;
}

/**
 * The broker topic of the refused events of an event type: a flood of refusals
 * of one type is in nobody else's way. No event type can have a name that makes
 * it collide with a topic of accepted events, which begin with `event.`.
 *
 * @throws SchemaError with code `invalid_event_type_name`
 * @public
 */
export function refusedTopicOf(eventType: string): string {
  return `refused.${parseEventTypeName(eventType)}`;
}

/**
 * The subscription through which the workers read the refused events of an
 * event type.
 *
 * @throws SchemaError with code `invalid_event_type_name`
 * @public
 */
export function refusedSubscriptionOf(eventType: string): string {
  return `${refusedTopicOf(eventType)}.delivery`;
}
