import { formatAge, formatCountOf } from '@millrace/plugin-data-platform-react';
import type {
  RefusedEvents,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import { type RangeId, rangeOf } from './ranges';
import { describeReason, describeReasonAt } from './reasons';

/** `all`, `98 %`, or `over 99 %`: never rounded up to a whole it is not. */
function shareOf(part: number, whole: number): string {
  if (part === whole) {
    return 'all';
  }
  const percent = Math.floor((part / whole) * 100);
  return percent === 99 ? 'over 99 %' : `${percent} %`;
}

function wereRefused(total: number): string {
  return `${formatCountOf(total, 'event')} ${
    total === 1 ? 'was' : 'were'
  } refused`;
}

/** How many events of a type were refused, mostly why, and when the last one. */
export function describeGroups(
  { items, total }: RefusedGroups,
  range: RangeId,
  now: Date,
): string {
  const { label } = rangeOf(range);
  const [most] = items;
  if (total === 0 || !most) {
    return `No event was refused in the ${label}`;
  }
  const why = describeReasonAt(most.reason, most.field);
  const last = items
    .map(({ lastSeenAt }) => lastSeenAt)
    .reduce((a, b) => (a > b ? a : b));
  return `${wereRefused(total)} in the ${label}, ${
    total === 1 ? '' : `${shareOf(most.count, total)} `
  }because ${why}; the last one ${formatAge(last, now)}`;
}

/** How many events were refused by any type, and mostly why, in one sentence. */
export function describeRefused(
  { total, byReason }: RefusedEvents,
  range: RangeId,
): string {
  const { label } = rangeOf(range);
  if (total === 0) {
    return `No event was refused in the ${label}`;
  }
  const [most] = byReason;
  const mostly = most
    ? `; most often ${describeReason(most.reason)}${
        most.pointer ? ` (${most.pointer})` : ''
      }`
    : '';
  return `${wereRefused(total)} in the ${label}${mostly}`;
}
