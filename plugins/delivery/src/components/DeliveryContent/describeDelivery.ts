import {
  type Status,
  bucketWord,
  formatCount,
  formatCountOf,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import type { LedgerRow } from '@millrace/plugin-delivery-common';
import type { EventTypeHealth } from '../../health';
import { describeInFlight, imbalanceOf } from '../Partitions';

/** The answer to: does all of it arrive, and in time? */
export interface DeliveryAnswer {
  status: Status;
  sentence: string;
}

/**
 * The last 24 hours of an event type in a sentence.
 *
 * What is wrong now comes first: readers who wait are worse off than a line of
 * yesterday. Events on their way are no fault as long as nothing is late.
 */
export function describeDelivery(
  last24h: LedgerRow | undefined,
  health: EventTypeHealth,
  bucketSeconds: number,
): DeliveryAnswer {
  if (!last24h || health.status === 'waiting') {
    return health;
  }
  const imbalance = imbalanceOf(last24h.line);
  if (imbalance) {
    return {
      status: 'bad',
      sentence: `No: ${imbalance} in the last 24 hours. The ledger does not add up; tell the platform team.`,
    };
  }
  if (health.status === 'bad') {
    return health;
  }
  const all = describeAll(last24h);
  const time = describeTime(last24h, bucketWord(bucketSeconds));
  const isGood = all.isGood && time.isGood && health.status !== 'attention';
  const verdict = isGood ? 'Yes' : 'Not quite';
  return {
    status: isGood ? 'good' : 'attention',
    sentence: `${verdict}: ${all.words}, and ${time.words}.`,
  };
}

function describeAll({ line }: LedgerRow): { isGood: boolean; words: string } {
  const { accepted, delivered, duplicates, refused, inFlight } = line;
  if (accepted === 0) {
    return {
      isGood: true,
      words: 'no event was accepted in the last 24 hours',
    };
  }
  const isMissing = inFlight.notArrived + inFlight.unreadable > 0;
  const isGood = refused === 0 && !isMissing;
  const arrived = delivered + duplicates;
  const rest = [
    refused > 0 && `${formatCount(refused)} refused at sealing and kept`,
    describeInFlight(line),
  ].filter(Boolean);
  const of = `${formatCountOf(accepted, 'event')} of the last 24 hours`;
  return {
    isGood,
    words:
      rest.length === 0
        ? `all ${of} are delivered`
        : `${formatCount(arrived)} of ${of} are delivered, ${rest.join(', ')}`,
  };
}

function describeTime(
  { buckets, lateness }: LedgerRow,
  word: string,
): { isGood: boolean; words: string } {
  const { sealed, late, waiting } = buckets;
  const waits =
    waiting > 0 ? `, ${formatCountOf(waiting, word)} waiting to be closed` : '';
  if (late > 0 && lateness) {
    return {
      isGood: false,
      words: `${formatCount(late)} of ${formatCountOf(
        sealed,
        word,
      )} were sealed late, at most ${formatDuration(
        lateness.maxMs,
      )} after their end${waits}`,
    };
  }
  if (sealed === 0) {
    return { isGood: waiting === 0, words: `no ${word} is sealed${waits}` };
  }
  return {
    isGood: waiting === 0,
    words: `${
      sealed === 1 ? `the one ${word}` : `all ${formatCountOf(sealed, word)}`
    } sealed in time${waits}`,
  };
}
