import {
  formatCount,
  formatCountOf,
  formatDuration,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  EventTypeFootprint,
  RemovalProgress,
  RemovalStep,
} from '@millrace/plugin-event-types-common';

/** One line of what there is of an event type, and what becomes of it. */
export interface FootprintLine {
  what: string;
  there: string;
  becomes: string;
}

/** What there is of an event type, and what withdrawing does to each. */
export function describeFootprint(
  footprint: EventTypeFootprint,
): FootprintLine[] {
  const { resources, inFlight, partitions, producers, sinks, lastReceivedAt } =
    footprint;
  const existing = resources.filter(({ exists }) => exists);
  const topics = existing.filter(({ kind }) => kind === 'topic').length;
  const { first, last } = partitions;
  return [
    {
      what: 'Topics and subscriptions',
      there: footprint.brokerProblem
        ? 'The broker could not be asked'
        : `${formatCountOf(topics, 'topic')}, ${formatCountOf(
            existing.length - topics,
            'subscription',
          )}`,
      becomes: 'Deleted after the grace period, once everything is sealed',
    },
    {
      what: 'On the way',
      there: `${formatCountOf(inFlight, 'event')} not sealed yet`,
      becomes: 'Sealed as always, before anything is deleted',
    },
    {
      what: 'Sealed partitions',
      there:
        partitions.count === 0
          ? 'None with events'
          : `${formatCount(partitions.count)} with ${formatCountOf(
              partitions.events,
              'event',
            )}${
              first && last
                ? `, ${formatUtcDateTime(first)} to ${formatUtcDateTime(last)}`
                : ''
            }`,
      becomes: 'They stay, for as long as their retention says',
    },
    {
      what: 'Producers',
      there: describeProducers(producers, lastReceivedAt),
      becomes:
        'Told the last day with every request; refused from then on. Their keys stay',
    },
    {
      what: 'Sinks',
      there: sinks.length === 0 ? 'None' : sinks.join(', '),
      becomes: 'What is loaded stays; nothing new comes',
    },
  ];
}

function describeProducers(
  { total, unrestricted }: EventTypeFootprint['producers'],
  lastReceivedAt: string | undefined,
): string {
  const keys = `${formatCountOf(total, 'write key')} for it`;
  const general =
    unrestricted > 0
      ? `, and ${formatCount(unrestricted)} for every event type`
      : '';
  const last = lastReceivedAt
    ? `. Last event ${formatUtcDateTime(lastReceivedAt)}`
    : '. No event of late';
  return `${keys}${general}${last}`;
}

/** How long one can think better of it. */
export function describeGrace(graceMs: number): string {
  return graceMs === 0
    ? 'There is no grace period: it cannot be undone.'
    : `For ${formatDuration(
        graceMs,
      )} it is accepted as before, senders are told the last day, and you can undo this.`;
}

const STEPS: Record<RemovalStep, string> = {
  gateways: 'Gateways stop accepting it',
  draining: 'What is left on its subscriptions is taken',
  sealing: 'Everything that was accepted is sealed',
  resources: 'Its topics and subscriptions are deleted',
  archiving: 'The registry puts it away',
  done: 'Nothing is left to do',
};

/** How far taking it down has come, in one sentence. */
export function describeRemoval({ step, waitingFor }: RemovalProgress): string {
  return waitingFor
    ? `${STEPS[step]}. ${waitingFor.message}`
    : `${STEPS[step]}.`;
}
