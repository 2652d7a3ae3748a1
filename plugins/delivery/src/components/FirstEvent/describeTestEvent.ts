import {
  type Status,
  formatBucket,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';
import type {
  TestEvent,
  TestEventRefusal,
  TestEventState,
} from '@millrace/plugin-delivery-common';
import { describeReasonAt } from '../RefusedEvents/reasons';

/** How far a test event has come, in a word. */
export const TEST_EVENT_STATE: Record<
  TestEventState,
  { status: Status; word: string }
> = {
  sending: { status: 'waiting', word: 'being sent' },
  accepted: { status: 'waiting', word: 'accepted' },
  staged: { status: 'waiting', word: 'staged' },
  sealed: { status: 'good', word: 'sealed' },
  refused: { status: 'bad', word: 'refused' },
  unanswered: { status: 'unknown', word: 'no answer' },
};

/** What to do about a refusal, by its reason. Others speak for themselves. */
const WHAT_TO_DO: Record<string, string> = {
  missing_field: 'Add the field, or make it optional in the schema.',
  wrong_type:
    'Write a value of the type the schema says, or change the schema.',
  unknown_field:
    'Leave the field out, or add it to the schema: nothing that is not in the schema is kept.',
  invalid_value: 'Write one of the values the schema allows.',
  number_out_of_range:
    'Write a number that fits the field, or send it as text and change the schema.',
  event_too_large: 'Send less in one event.',
  too_deep: 'Nest the data less deep.',
  duplicate_name: 'Write each name once per object.',
  forbidden_name: 'Give the field another name.',
  event_type_unknown:
    'The gateway does not know the event type yet or any more; send another one in some seconds.',
};

/** What was refused and what to do about it, as sentences. */
export function describeRefusal(refusal: TestEventRefusal): {
  sentence: string;
  whatToDo?: string;
} {
  const { stage, reason, pointer } = refusal;
  const who =
    stage === 'gateway' ? 'The gateway refused it' : 'Sealing refused it';
  return {
    sentence: `${who}: ${describeReasonAt(reason, pointer)}.`,
    whatToDo: WHAT_TO_DO[reason],
  };
}

/** How far a test event has come and what it waits for, as a sentence. */
export function describeTestEvent(event: TestEvent): string {
  const { state, message, expected, landed, refusal } = event;
  switch (state) {
    case 'sending':
      return message
        ? `It is not answered yet. ${message}`
        : 'It is on its way to a gateway, under a write key of its own.';
    case 'accepted':
      return `The gateway accepted it: it is stored for good.${whenSealed(
        expected,
      )}`;
    case 'staged':
      return `It is accepted and staged.${whenSealed(expected)}`;
    case 'sealed':
      return landed
        ? `It lies in the partition of ${formatBucket(
            landed.bucketStart,
            landed.bucketEnd,
          )}, sealed at ${formatUtcTime(landed.sealedAt)}.`
        : 'It lies in a sealed partition.';
    case 'refused':
      return refusal ? describeRefusal(refusal).sentence : 'It was refused.';
    default:
      return `No gateway has answered, so it is not known whether it was taken. ${
        message ?? 'Whoever sent it went away.'
      } If it arrives all the same, it shows here.`;
  }
}

function whenSealed(expected: TestEvent['expected']): string {
  return expected
    ? ` Its bucket is over at ${formatUtcTime(
        expected.bucketEnd,
      )}; it is sealed soon after, on time until ${formatUtcTime(expected.by)}.`
    : '';
}

/** A step of a test event, and when it was reached. */
export interface TestEventStep {
  title: string;
  status: Status;
  at?: string;
}

/** The way of a test event: accepted, staged, sealed. */
export function stepsOf(event: TestEvent): TestEventStep[] {
  const { state, acceptedAt, stagedAt, landed, refusal } = event;
  const times = [
    { title: 'Accepted', at: acceptedAt },
    { title: 'Staged', at: stagedAt },
    { title: 'Sealed', at: landed?.sealedAt },
  ];
  const isOver = state === 'refused' || state === 'unanswered';
  const next = times.findIndex(({ at }) => !at);
  return times.map(({ title, at }, index) => {
    // What lies in a partition has taken the steps before, whoever saw it.
    if (at || landed) {
      return { title, at, status: 'good' as const };
    }
    if (refusal && index === next) {
      return {
        title: `Not ${title.toLocaleLowerCase('en-US')}`,
        status: 'bad',
      };
    }
    if (index === next) {
      return { title, status: isOver ? 'unknown' : 'waiting' };
    }
    return { title, status: 'off' };
  });
}
