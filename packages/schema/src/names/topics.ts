import { parseEventTypeName } from './eventTypeName';

/**
 * Topic that carries the refused events of all event types.
 *
 * @public
 */
export const REFUSED_TOPIC = 'refused-events';

/**
 * Subscription through which the workers read the refused events.
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
