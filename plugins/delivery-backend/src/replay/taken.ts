import { findReplayedEventKeys } from '@millrace/ledger';
import type { NotReplayableReason } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { DeliveredIds } from './DeliveredIds';
import type { PreparedEvent } from './prepareEvent';

/** What an event is known by; `undefined` for one without source or id. */
export function identityOf({
  eventType,
  eventKey,
}: PreparedEvent): string | undefined {
  return eventType && eventKey && `${eventType}/${eventKey}`;
}

/**
 * Of prepared events, those in whose place another one with their source and id
 * has come in: it lies in a sealed partition, or a replay has brought it back.
 * Sent all the same it would be delivered as a conflict.
 */
export async function findTaken(
  { ledger, deliveredIds }: { ledger: Knex; deliveredIds: DeliveredIds },
  events: (PreparedEvent | { notReplayable: NotReplayableReason })[],
): Promise<Map<object, NotReplayableReason>> {
  const byType = new Map<string, PreparedEvent[]>();
  for (const event of events) {
    // An id that was just minted is nobody's.
    if ('text' in event && identityOf(event) && !event.isIdMinted) {
      const type = String(event.eventType);
      byType.set(type, [...(byType.get(type) ?? []), event]);
    }
  }
  const taken = new Map<object, NotReplayableReason>();
  for (const [eventType, ofType] of byType) {
    const eventKeys = ofType.map(({ eventKey }) => String(eventKey));
    const [landed, replayed] = await Promise.all([
      deliveredIds.find({ eventType, eventKeys }),
      findReplayedEventKeys(ledger, { eventType, eventKeys }),
    ]);
    for (const event of ofType) {
      const eventKey = String(event.eventKey);
      if (replayed.has(eventKey)) {
        taken.set(event, 'same-id');
      } else if (landed.has(eventKey)) {
        taken.set(event, 'already-landed');
      }
    }
  }
  return taken;
}
