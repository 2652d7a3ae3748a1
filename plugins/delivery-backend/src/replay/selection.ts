import type { ReplaySelectionOptions } from '@millrace/ledger';
import type { ReplaySelection } from '@millrace/plugin-delivery-common';

/** A selection as the ledger takes it. */
export function toSelectionOptions(
  eventType: string,
  selection: ReplaySelection,
): ReplaySelectionOptions {
  if ('refusalIds' in selection) {
    return { eventType, refusalIds: selection.refusalIds };
  }
  const { since, until, ...filter } = selection;
  return {
    eventType,
    filter: {
      ...filter,
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
    },
  };
}
