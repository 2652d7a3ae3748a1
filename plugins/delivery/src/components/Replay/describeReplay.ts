import {
  type Status,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  Replay,
  ReplayEventState,
  ReplayState,
} from '@millrace/plugin-delivery-common';

export const REPLAY_STATE: Record<
  ReplayState,
  { status: Status; word: string }
> = {
  waiting: { status: 'waiting', word: 'waiting' },
  running: { status: 'waiting', word: 'sending' },
  sent: { status: 'waiting', word: 'landing' },
  proven: { status: 'good', word: 'proven' },
  failed: { status: 'bad', word: 'given up' },
};

export const EVENT_STATE: Record<
  ReplayEventState,
  { status: Status; word: string }
> = {
  waiting: { status: 'waiting', word: 'not sent yet' },
  'in-flight': { status: 'waiting', word: 'accepted, in flight' },
  landed: { status: 'good', word: 'landed' },
  'refused-again': { status: 'bad', word: 'refused again' },
  'not-replayable': { status: 'attention', word: 'cannot be replayed' },
  'not-sent': { status: 'attention', word: 'not sent' },
};

/** Whether nothing about the replay changes any more. */
export function isFinished({ state }: Replay): boolean {
  return state === 'proven' || state === 'failed';
}

/** The part of a replay that is done, 0 to 1. */
export function progressOf({ counts }: Replay): number {
  const { selected, waiting, inFlight } = counts;
  return selected === 0 ? 1 : (selected - waiting - inFlight) / selected;
}

function provenSentence({ counts }: Replay): string {
  const { accepted, landed, duplicates, refusedAgain, notReplayable } = counts;
  const rest = [
    refusedAgain > 0 && `${formatCount(refusedAgain)} refused again`,
    notReplayable > 0 && `${formatCount(notReplayable)} could not be replayed`,
    duplicates > 0 &&
      `${formatCount(duplicates)} landed more than once: look at them below`,
  ].filter(Boolean);
  const landing =
    accepted === 0
      ? 'No event was accepted'
      : `${formatCountOf(landed - duplicates, 'event')} landed exactly once`;
  return [landing, ...rest].join('; ');
}

/** How far a replay is, or what it proved, in one sentence. */
export function describeReplay(replay: Replay): string {
  const { state, counts, message } = replay;
  switch (state) {
    case 'waiting':
      return message ?? 'Waiting for its turn; nothing was sent yet';
    case 'running':
      return `Sending: ${formatCount(
        counts.selected - counts.waiting,
      )} of ${formatCountOf(counts.selected, 'event')} have their outcome`;
    case 'sent':
      return `Everything was sent; ${formatCountOf(
        counts.inFlight,
        'accepted event',
      )} not in a sealed partition yet`;
    case 'proven':
      return provenSentence(replay);
    default:
      return message
        ? `Given up: ${message}`
        : 'Given up before everything was sent';
  }
}
