import { formatCountOf } from '@millrace/plugin-data-platform-react';
import type { RefusedEvents } from '@millrace/plugin-delivery-common';
import { describeReason } from './reasons';

/** How many events were refused lately and mostly why, in one sentence. */
export function describeRefused({ total, byReason }: RefusedEvents): string {
  if (total === 0) {
    return 'No event was refused in the last 31 days';
  }
  const most = byReason[0];
  const mostly = most
    ? `; most often ${describeReason(most.reason)}${
        most.pointer ? ` (${most.pointer})` : ''
      }`
    : '';
  return `${formatCountOf(total, 'event')} ${
    total === 1 ? 'was' : 'were'
  } refused in the last 31 days${mostly}`;
}
