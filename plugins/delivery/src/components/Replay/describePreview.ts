import {
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  NotReplayableReason,
  ReplayPreview,
} from '@millrace/plugin-delivery-common';

/** Why an event cannot be sent again, in words. */
export const NOT_REPLAYABLE: Record<NotReplayableReason, string> = {
  truncated: 'only the beginning of it was kept, because it is too long',
  unreadable: 'what was kept is not one JSON object',
  'already-landed': 'the producer has sent it again, and it was delivered',
  'same-id': 'another one with its source and id has been brought back',
};

/** What a replay would do, in one sentence. */
export function describePreview(preview: ReplayPreview): string {
  const { selected, wouldBeAccepted, wouldBeRefused, notReplayable } = preview;
  if (selected === 0) {
    return 'Nothing is left to be replayed: what fits was replayed before, or is being replayed now';
  }
  if (wouldBeAccepted === selected) {
    return selected === 1
      ? 'The event would be accepted'
      : `All ${formatCount(selected)} events would be accepted`;
  }
  return [
    `${formatCount(wouldBeAccepted)} of ${formatCountOf(
      selected,
      'event',
    )} would be accepted`,
    wouldBeRefused > 0 && `${formatCount(wouldBeRefused)} still refused`,
    notReplayable > 0 && `${formatCount(notReplayable)} cannot be replayed`,
  ]
    .filter(Boolean)
    .join(', ');
}
