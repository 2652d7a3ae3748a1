import {
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import {
  type EventTypePage,
  type FieldPage,
  TIERS,
} from '@millrace/plugin-event-types-common';

/** The first line of the list: how many event types there are, and whose. */
export function describeEventTypes(
  page: Pick<EventTypePage, 'total' | 'readable' | 'owners' | 'tiers'>,
): string {
  const { total, readable, owners, tiers } = page;
  if (!readable) {
    return 'No event type is registered';
  }
  const all = formatCountOf(readable, 'event type');
  if (!total) {
    return `None of ${all} fits`;
  }
  const byTier = TIERS.filter(tier => tiers[tier] > 0)
    .map(tier => `${formatCount(tiers[tier])} ${tier}`)
    .join(', ');
  const found = total === readable ? all : `${formatCount(total)} of ${all}`;
  return `${found} of ${formatCountOf(owners, 'owner')}: ${byTier}`;
}

/** The first line of the fields: how many there are, in how many event types. */
export function describeFields(
  page: Pick<FieldPage, 'total' | 'readable' | 'eventTypes'>,
): string {
  const { total, readable, eventTypes } = page;
  if (!readable) {
    return 'No event type has a field yet';
  }
  const all = formatCountOf(readable, 'field');
  if (!total) {
    return `None of ${all} fits`;
  }
  const found = total === readable ? all : `${formatCount(total)} of ${all}`;
  return `${found}, in ${formatCountOf(eventTypes, 'event type')}`;
}
