import type { EventType } from '@millrace/plugin-event-types-common';

/**
 * Whether an event type is changed in the portal: it was registered here, or the
 * file that declared it is gone.
 */
export function isOfPortal(
  eventType: Pick<EventType, 'origin' | 'orphanedAt'>,
): boolean {
  return eventType.origin === 'portal' || eventType.orphanedAt !== undefined;
}
