import { formatCountOf } from '@millrace/plugin-data-platform-react';
import {
  type EventTypeListItem,
  TIERS,
} from '@millrace/plugin-event-types-common';

/** The first line of the list: how many event types there are, and whose. */
export function describeEventTypes(eventTypes: EventTypeListItem[]): string {
  if (!eventTypes.length) {
    return 'No event type is registered';
  }
  const owners = new Set(eventTypes.map(({ owner }) => owner)).size;
  const tiers = TIERS.map(tier => ({
    tier,
    count: eventTypes.filter(eventType => eventType.tier === tier).length,
  })).filter(({ count }) => count > 0);
  const byTier = tiers.map(({ tier, count }) => `${count} ${tier}`).join(', ');
  return `${formatCountOf(eventTypes.length, 'event type')} of ${formatCountOf(
    owners,
    'owner',
  )}: ${byTier}`;
}
