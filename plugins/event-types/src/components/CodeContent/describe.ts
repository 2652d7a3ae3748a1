import type { EventType } from '@millrace/plugin-event-types-common';

/** What taking a declaration in has done. */
export function describeTakenIn(before: EventType, after: EventType): string {
  const hands =
    before.origin === after.origin ? '' : ' It belongs to the portal now.';
  if (after.version !== before.version) {
    return `Taken in: the schema is at version ${after.version}.${hands}`;
  }
  return after.generation === before.generation
    ? 'Nothing has changed.'
    : `Taken in. The schema stays at version ${after.version}.${hands}`;
}
