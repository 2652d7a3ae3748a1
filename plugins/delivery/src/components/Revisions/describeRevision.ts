import {
  type Status,
  formatBucket,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  RevisionChange,
  RevisionCounts,
  RevisionKind,
  RevisionOperation,
  RevisionState,
} from '@millrace/plugin-delivery-common';

/** The kinds in the words of who chooses one. */
export const REVISION_KIND: Record<
  RevisionKind,
  { verb: string; noun: string; what: string }
> = {
  redeliver: {
    verb: 'Redeliver',
    noun: 'redelivery',
    what: 'Build the partition again from the batches it was sealed from, under the same schema version: for damaged or lost files.',
  },
  reshuffle: {
    verb: 'Reshuffle',
    noun: 'reshuffle',
    what: 'Move late events from the partitions they landed in to those of the buckets they were received in: for skew.',
  },
  reseal: {
    verb: 'Re-seal',
    noun: 're-sealing',
    what: 'Build the partition again under the newest schema version: events that were refused may be delivered now, and the other way round.',
  },
};

export const REVISION_KINDS: readonly RevisionKind[] = [
  'redeliver',
  'reshuffle',
  'reseal',
];

export function isRevisionKind(value: unknown): value is RevisionKind {
  return REVISION_KINDS.some(kind => kind === value);
}

export const REVISION_STATE: Record<
  RevisionState,
  { status: Status; word: string }
> = {
  previewing: { status: 'waiting', word: 'being previewed' },
  previewed: { status: 'attention', word: 'waits for a decision' },
  running: { status: 'waiting', word: 'running' },
  done: { status: 'good', word: 'done' },
  failed: { status: 'bad', word: 'failed' },
  cancelled: { status: 'waiting', word: 'cancelled' },
  expired: { status: 'waiting', word: 'expired' },
};

/** Whether nothing about the operation changes any more. */
export function isFinished({ state }: { state: RevisionState }): boolean {
  return !['previewing', 'previewed', 'running'].includes(state);
}

/** What one sums up; parts of others are not among them. */
export const COUNTED = [
  { id: 'accepted', label: 'Accepted' },
  { id: 'delivered', label: 'Delivered' },
  { id: 'duplicates', label: 'Duplicates' },
  { id: 'refused', label: 'Refused' },
] as const;

type Counted = Pick<RevisionCounts, (typeof COUNTED)[number]['id']>;

const NOTHING: Counted = {
  accepted: 0,
  delivered: 0,
  duplicates: 0,
  refused: 0,
};

function add(a: Counted, b: Counted): Counted {
  return {
    accepted: a.accepted + b.accepted,
    delivered: a.delivered + b.delivered,
    duplicates: a.duplicates + b.duplicates,
    refused: a.refused + b.refused,
  };
}

/** All partitions together; without `after` until all are previewed. */
export function sumOf(changes: RevisionChange[]): {
  before: Counted;
  after?: Counted;
} {
  const after = changes.flatMap(change => change.after ?? []);
  return {
    before: changes.map(({ before }) => before).reduce(add, NOTHING),
    after:
      changes.length > 0 && after.length === changes.length
        ? after.reduce(add, NOTHING)
        : undefined,
  };
}

/** A difference with its sign, such as `+3`; empty when there is none. */
export function formatDifference(before: number, after: number): string {
  const difference = after - before;
  if (difference === 0) {
    return '';
  }
  return difference > 0
    ? `+${formatCount(difference)}`
    : `−${formatCount(-difference)}`;
}

/** What the counts say, in one sentence without its full stop. */
export function describeChanges(operation: RevisionOperation): string {
  const { changes } = operation;
  const { before, after } = sumOf(changes);
  if (!after) {
    return `${formatCountOf(changes.length, 'partition')} would be made again`;
  }
  const made =
    operation.state === 'done'
      ? `${formatCountOf(changes.length, 'partition')} ${
          changes.length === 1 ? 'has' : 'have'
        } a new revision`
      : `${formatCountOf(
          changes.length,
          'partition',
        )} would get a new revision`;
  const differing = COUNTED.filter(({ id }) => before[id] !== after[id]).map(
    ({ id, label }) =>
      `${label.toLocaleLowerCase('en-US')} ${formatDifference(
        before[id],
        after[id],
      )}`,
  );
  return differing.length === 0
    ? `${made}; in sum every count stays as it is`
    : `${made}; in sum ${differing.join(', ')}`;
}

/**
 * Whether accepted events appear or vanish in sum: batches are moved or read
 * again, so their number stays.
 */
export function isBalanced(changes: RevisionChange[]): boolean {
  const { before, after } = sumOf(changes);
  return after === undefined || before.accepted === after.accepted;
}

/** How far an operation is, or how it ended, in one sentence. */
export function describeOperation(operation: RevisionOperation): string {
  const { kind, state, progress, problem } = operation;
  const { noun } = REVISION_KIND[kind];
  const at = progress
    ? `: ${progress.step}, ${formatCount(progress.done)} of ${formatCount(
        progress.total,
      )}`
    : '';
  switch (state) {
    case 'previewing':
      return `The ${noun} is being previewed${at}; nothing changes`;
    case 'previewed':
      return describeChanges(operation);
    case 'running':
      return `The ${noun} is running${at}; readers see the old revisions until all new ones are there`;
    case 'done':
      return describeChanges(operation);
    case 'failed':
      return `The ${noun} failed and nothing has changed${
        problem ? `: ${problem.message}` : ''
      }`;
    case 'cancelled':
      return `The ${noun} was cancelled; nothing has changed`;
    default:
      return `The preview of the ${noun} has expired; nothing has changed. Ask for a new one`;
  }
}

/** The partition of a change, such as `2026-11-21 10:52–10:53 UTC`. */
export function bucketOfChange(change: RevisionChange): string {
  return formatBucket(change.bucketStart, change.bucketEnd);
}
