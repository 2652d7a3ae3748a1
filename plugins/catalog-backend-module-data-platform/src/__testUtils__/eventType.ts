import type { EventType } from '@millrace/plugin-event-types-common';

/** A registered event type as the event types service gives it. */
export function eventType(overrides: Partial<EventType> = {}): EventType {
  return {
    name: 'push',
    description: 'Somebody pushed',
    owner: 'group:default/webhooks',
    tier: 'critical',
    version: 3,
    generation: 5,
    origin: 'portal',
    schema: undefined,
    fields: [{ path: 'id', type: 'long', required: true }],
    createdAt: '2026-11-21T00:00:00.000Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-21T00:00:00.000Z',
    updatedBy: 'user:default/owner',
    ...overrides,
  };
}
