import { EncodedEvent } from '../queue';
import { Clock, Drop } from '../types';
import { encodeEvent } from './encodeEvent';

/**
 * The event that tells the owner of the pipe what a producer had to give up.
 *
 * @returns undefined where no event type was named for it
 */
export function encodeDropReport(
  drop: Drop,
  options: { dropReportType?: string; source: string; clock: Clock },
): EncodedEvent | undefined {
  const { dropReportType, clock } = options;
  if (dropReportType === undefined) {
    return undefined;
  }
  return encodeEvent(
    {
      type: dropReportType,
      time: new Date(clock.now()),
      data: {
        reason: drop.reason,
        dropped_events: drop.events,
        dropped_bytes: drop.bytes,
        dropped_epoch: drop.epoch,
        first_sequence: drop.firstSequence,
        last_sequence: drop.lastSequence,
      },
    },
    options,
  );
}
