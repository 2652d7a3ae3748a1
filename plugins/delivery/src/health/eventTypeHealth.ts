import type { DeliveryOverviewRow } from '@millrace/plugin-delivery-common';
import {
  type Status,
  bucketWord,
  formatDuration,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';

/** How one event type is delivered, in a word and in a sentence. */
export interface EventTypeHealth {
  status: Status;
  /** For a badge: `on time`, `late`. */
  word: string;
  /** For the first line of its page. */
  sentence: string;
}

/**
 * Judges one event type.
 *
 * Late is what readers notice: the newest bucket that should be sealed by now
 * is not, or it was sealed later than the tier allows. An event type without
 * events is on time as long as its empty buckets are sealed: silence of the
 * producers is not a fault of delivery.
 */
export function eventTypeHealth(
  row: DeliveryOverviewRow,
  options: { bucketSeconds: number; now: Date },
): EventTypeHealth {
  const { bucketSeconds, now } = options;
  const { objectiveMs } = row;
  const word = bucketWord(bucketSeconds);

  const missing = row.conditions.find(
    ({ type, reached }) =>
      !reached && (type === 'Declared' || type === 'Provisioned'),
  );
  if (missing) {
    return {
      status: 'waiting',
      word: 'not provisioned',
      sentence: `Not ready to receive yet: ${missing.message}`,
    };
  }

  const newest = row.recent.find(({ state }) => state === 'sealed');
  const oldestSealing = row.recent
    .filter(({ state }) => state === 'sealing')
    .pop();
  // What should be sealed next: the bucket that is being sealed, or the one
  // after the newest that is.
  const dueEnd = oldestSealing
    ? Date.parse(oldestSealing.bucketEnd)
    : newest && Date.parse(newest.bucketEnd) + bucketSeconds * 1000;
  if (dueEnd === undefined) {
    return {
      status: 'waiting',
      word: 'waiting',
      sentence: `Ready to receive. The first partition is sealed soon after the ${word} ends.`,
    };
  }

  const overdueMs = now.getTime() - dueEnd;
  if (overdueMs > objectiveMs) {
    const since = newest?.sealedAt
      ? `nothing sealed since ${formatUtcTime(newest.sealedAt)}`
      : 'nothing sealed yet';
    return {
      status: 'bad',
      word: 'late',
      sentence: `Late: ${since}; the ${word} that ended ${formatDuration(
        overdueMs,
      )} ago is still open.`,
    };
  }
  if (newest?.latenessMs === undefined) {
    return {
      status: 'waiting',
      word: 'sealing',
      sentence: `The first partition is being sealed.`,
    };
  }
  if (newest.latenessMs > objectiveMs) {
    return {
      status: 'attention',
      word: 'sealed late',
      sentence: `Catching up: the last ${word} was sealed ${formatDuration(
        newest.latenessMs,
      )} after its end, ${formatDuration(
        newest.latenessMs - objectiveMs,
      )} later than the tier ${row.tier} allows.`,
    };
  }
  return {
    status: 'good',
    word: 'on time',
    sentence: `The last ${word} was sealed ${formatDuration(
      newest.latenessMs,
    )} after its end.`,
  };
}
