import {
  type Status,
  formatAge,
  formatCount,
  formatCountOf,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import type {
  AttentionCode,
  AttentionUrgency,
  DeliveryOperations,
  EventTypeStanding,
  ProcessLine,
  SealingLine,
} from '@millrace/plugin-delivery-common';

export const URGENCY: Record<
  AttentionUrgency,
  { status: Status; word: string }
> = {
  critical: { status: 'bad', word: 'urgent' },
  warning: { status: 'attention', word: 'to look at' },
  decision: { status: 'waiting', word: 'to decide' },
};

/** What to do about each, in a sentence; the operations manual says more. */
export const WHAT_TO_DO: Record<AttentionCode, string> = {
  no_worker: 'Start a worker, or read its log to see why it ended.',
  no_gateway: 'Start a gateway, or read its log to see why it ended.',
  process_ended: 'Read its log; it is started again by itself.',
  worker_lost: 'Look whether its machine is gone; nothing else to do.',
  gateway_lost:
    'Start it again under its name, or leave it: its buckets close once the broker is empty of it.',
  config_behind: 'Read its log: it names what it refuses, or cannot reach.',
  declarations_not_carried_out:
    'Nothing is lost; it is tried again by itself. If it stays, mend what the message names.',
  not_consumed: 'Read the log of the workers, then start one more.',
  bucket_waiting:
    'Bring back what is missing. If it will not come, close the bucket without it.',
  bucket_unseen: 'Read the log of the workers for the name of the event type.',
  sealing_slow: 'Read the log of the worker for the name of the event type.',
  backlog_old: 'Look whether its worker keeps up, and at what is set aside.',
  poison: 'Mend the cause, then have them tried again.',
  audit_findings: 'Read the findings; each says what to do.',
  revision_failed: 'Read why, mend it, and ask for a new preview.',
  revision_undecided: 'Compare the counts, then start or discard it.',
};

/** Does anything need me? In one sentence without its full stop. */
export function describeOperations(operations: DeliveryOperations): string {
  const { attention, processes } = operations;
  if (attention.total === 0) {
    const alive = (role: ProcessLine['role']) =>
      processes.filter(line => line.role === role && line.state === 'alive')
        .length;
    return `Nothing needs you: ${formatCountOf(
      alive('gateway'),
      'gateway',
    )} and ${formatCountOf(alive('worker'), 'worker')} at work`;
  }
  const [first] = attention.items;
  const counted = (['critical', 'warning', 'decision'] as const).flatMap(
    urgency => {
      const count = attention.items.filter(
        line => line.urgency === urgency,
      ).length;
      return count > 0
        ? [`${formatCount(count)} ${URGENCY[urgency].word}`]
        : [];
    },
  );
  const things =
    attention.total === 1
      ? 'One thing needs you'
      : `${formatCount(attention.total)} things need you`;
  const details =
    attention.total === attention.items.length && attention.total > 1
      ? ` (${counted.join(', ')})`
      : '';
  return `${things}${details}: ${lowerFirst(first.what)}`;
}

/** The first word of a sentence inside another; names stay as they are. */
function lowerFirst(text: string): string {
  return /^(A|An|No|The|Messages|Sealing|What|Worker|Gateway) /.test(text)
    ? text.charAt(0).toLocaleLowerCase('en-US') + text.slice(1)
    : text;
}

export const CONSUMPTION: Record<
  EventTypeStanding['consumption'],
  { status: Status; word: string }
> = {
  consumed: { status: 'good', word: 'consumed' },
  draining: { status: 'waiting', word: 'removed, being drained' },
  orphaned: { status: 'attention', word: 'its worker is gone' },
  unclaimed: { status: 'bad', word: 'consumed by nobody' },
};

/** Who has a type, since when, and until when if the lease is not renewed. */
export function describeLease(
  { consumer, consumption }: EventTypeStanding,
  now: Date,
): string {
  if (!consumer) {
    return 'A worker claims it within seconds, if one is alive';
  }
  const { worker, since, until } = consumer;
  const leftMs = Date.parse(until) - now.getTime();
  const lease =
    consumption === 'orphaned' || leftMs < 0
      ? `its lease ended ${formatAge(until, now)}`
      : `${formatDuration(leftMs)} more if it falls silent`;
  const heldMs = Math.max(0, now.getTime() - Date.parse(since));
  return `${worker} for ${formatDuration(heldMs)}; ${lease}`;
}

/** What is staged and not sealed. */
export function describeStaged({
  staged,
  due,
  dueAgeMs,
}: EventTypeStanding): string {
  if (due > 0) {
    return `${formatCountOf(
      due,
      'event',
    )} of buckets that are over, the oldest for ${formatDuration(
      dueAgeMs ?? 0,
    )}`;
  }
  return staged > 0
    ? `${formatCountOf(staged, 'event')} of buckets that are not over`
    : 'nothing';
}

/** What is still on its way to the staged files, as far as anybody knows. */
export function describeBroker(
  { broker, missingBatches }: EventTypeStanding,
  now: Date,
): string {
  const missing =
    missingBatches > 0
      ? `${formatCountOf(
          missingBatches,
          'declared batch',
          'declared batches',
        )} not staged`
      : undefined;
  return [missing, brokerInWords(broker, now)].filter(Boolean).join('; ');
}

function brokerInWords(broker: EventTypeStanding['broker'], now: Date): string {
  if (!broker) {
    // Not an empty one: a sealer asks only when it has to rely on the answer.
    return 'not measured';
  }
  const { undelivered, oldestUnackedAgeSeconds, measuredAt, isStale } = broker;
  const said =
    undelivered === 0
      ? 'no message unacknowledged'
      : `${formatCountOf(
          undelivered,
          'message',
        )} unacknowledged, the oldest for ${formatDuration(
          oldestUnackedAgeSeconds * 1000,
        )}`;
  return `${said}; ${isStale ? 'stale: ' : ''}measured ${formatAge(
    measuredAt,
    now,
  )}`;
}

/** What a sealing is doing, and for how long. */
export function describeSealing(line: SealingLine, now: Date): string {
  const { step, stepSince, worker } = line;
  const doing =
    step === 'publishing'
      ? 'being published, or its commit is missing'
      : 'its files are being made';
  return `${doing}, begun ${formatAge(stepSince, now)}${
    worker ? `, by ${worker}` : '; nobody is at it right now'
  }`;
}

export const PROCESS_STATE: Record<
  ProcessLine['state'],
  { status: Status; word: string }
> = {
  alive: { status: 'good', word: 'alive' },
  ended: { status: 'waiting', word: 'ended in order' },
  lost: { status: 'bad', word: 'fell silent' },
};
