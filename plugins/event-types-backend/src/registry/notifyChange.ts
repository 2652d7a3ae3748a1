import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { EventsService } from '@backstage/plugin-events-node';
import {
  EVENT_TYPES_TOPIC,
  type EventTypeChangedPayload,
} from '@millrace/plugin-event-types-common';

/**
 * Tells the rest of Backstage that an event type changed. Only a hint: all who
 * need the change also poll, so a lost hint costs seconds, and a failure here
 * must not fail a change that has already committed.
 */
export async function notifyChange(options: {
  events: EventsService;
  logger: LoggerService;
  name: string;
}): Promise<void> {
  const { events, logger, name } = options;
  const eventPayload: EventTypeChangedPayload = { action: 'changed', name };
  try {
    await events.publish({ topic: EVENT_TYPES_TOPIC, eventPayload });
  } catch (error) {
    logger.warn(
      `Could not announce the change of event type '${name}'`,
      toError(error),
    );
  }
}
