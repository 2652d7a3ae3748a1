import type { EventType } from '@millrace/plugin-event-types-common';

/** An event type as the event types family tells it. */
export function eventType(
  name: string,
  owner = 'group:default/webhooks',
): EventType {
  return {
    name,
    owner,
    tier: 'normal',
    version: 1,
    generation: 1,
    origin: 'portal',
    schema: {
      type: 'record',
      name: 'Event',
      fields: [{ name: 'n', type: 'long' }],
    },
    fields: [{ path: 'n', type: 'long', required: true }],
    createdAt: '2026-11-20T10:00:00.000Z',
    createdBy: 'user:default/owner',
    updatedAt: '2026-11-20T10:00:00.000Z',
    updatedBy: 'user:default/owner',
  };
}
