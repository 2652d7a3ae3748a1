import type {
  DeliveryOverviewRow,
  DeliveryStatus,
} from '@millrace/plugin-delivery-common';
import {
  type Status,
  bucketWord,
  formatCountOf,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import { eventTypeHealth } from './eventTypeHealth';
import { isStarting, processProblems } from './processHealth';

/** How the whole estate is delivered. */
export interface EstateHealth {
  /** The first line of the page. */
  answer: string;
  status: Status;
  /** What is wrong, worst first. */
  problems: string[];
}

/** Names in a sentence; beyond three the rest is counted. */
const NAMED_IN_ANSWER = 3;

function nameSome(names: string[]): string {
  const named = names.slice(0, NAMED_IN_ANSWER).join(', ');
  const rest = names.length - NAMED_IN_ANSWER;
  return rest > 0 ? `${named} and ${rest} more` : named;
}

/** The longest lateness among the newest sealed partition of each type. */
function newestLatenessMs(rows: DeliveryOverviewRow[]): number | undefined {
  const each = rows.flatMap(({ recent }) => {
    const newest = recent.find(({ state }) => state === 'sealed');
    return newest?.latenessMs ?? [];
  });
  return each.length ? Math.max(...each) : undefined;
}

/** Answers "does delivery work?" for all event types in one sentence. */
export function estateHealth(
  rows: DeliveryOverviewRow[],
  status: DeliveryStatus,
  now: Date,
): EstateHealth {
  const { bucketSeconds } = status;
  const problems = processProblems(status);
  const judged = rows.map(row => ({
    name: row.eventType,
    ...eventTypeHealth(row, { bucketSeconds, now }),
  }));
  const named = (...statuses: string[]) =>
    judged.filter(row => statuses.includes(row.status)).map(({ name }) => name);
  const late = named('bad', 'attention');
  const waiting = named('waiting');
  const good = named('good');
  const total = formatCountOf(rows.length, 'event type');

  if (!rows.length) {
    return {
      answer: isStarting(status)
        ? 'Delivery is starting up'
        : 'No event type is delivered yet',
      status: 'waiting',
      problems,
    };
  }
  if (late.length) {
    const verb = late.length === 1 ? 'is' : 'are';
    return {
      answer: `${late.length} of ${total} ${verb} late: ${nameSome(late)}`,
      status: named('bad').length ? 'bad' : 'attention',
      problems,
    };
  }
  const latenessMs = newestLatenessMs(rows);
  const last =
    latenessMs === undefined
      ? ''
      : `; last ${bucketWord(bucketSeconds)} sealed ${formatDuration(
          latenessMs,
        )} after its end`;
  if (!good.length) {
    return {
      answer: `${total} ${
        waiting.length === 1 ? 'waits' : 'wait'
      } for the first partition`,
      status: 'waiting',
      problems,
    };
  }
  if (waiting.length) {
    return {
      answer: `${good.length} of ${total} ${
        good.length === 1 ? 'is' : 'are'
      } on time, ${waiting.length} not delivered yet${last}`,
      status: 'waiting',
      problems,
    };
  }
  return {
    answer:
      rows.length === 1
        ? `The only event type is on time${last}`
        : `All ${total} are on time${last}`,
    status: problems.length ? 'attention' : 'good',
    problems,
  };
}
