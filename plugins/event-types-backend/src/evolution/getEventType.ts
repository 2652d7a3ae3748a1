import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { listEventTypes } from '../database/operations/eventTypes/listEventTypes';
import { EventTypeNotFoundError } from '../errors';

/** @throws EventTypeNotFoundError */
export async function getEventType(db: Knex, name: string): Promise<EventType> {
  const [eventType] = await listEventTypes(db, { names: [name] });
  if (!eventType) {
    throw new EventTypeNotFoundError(name);
  }
  return eventType;
}
