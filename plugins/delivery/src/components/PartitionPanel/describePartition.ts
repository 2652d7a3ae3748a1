import {
  describeLateness,
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatUtcDateTime,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';
import type {
  BucketClosing,
  ClosingDecision,
  KeySumsVerdict,
  LatenessStages,
  PartitionDetail,
} from '@millrace/plugin-delivery-common';

/** A partition in words: what became of the bucket. */
export function describePartition(partition: PartitionDetail): string {
  const { state, empty, delivered, bytes, files, revision, revisions } =
    partition;
  if (state === 'sealing') {
    return 'This bucket is being sealed: its events are merged, cleared of duplicates and written. Readers see nothing of it until it is done.';
  }
  const isRevised = revision > 1 || revisions.length > 1;
  const sealed = isRevised
    ? `Revision ${revision}, sealed ${formatUtcDateTime(
        partition.sealedAt ?? '',
      )}`
    : `It was ${describeLateness(partition)}`;
  return empty
    ? `${sealed}. No event was delivered; the partition is sealed all the same, so that readers need not wait for it.`
    : `${sealed}. It holds ${formatCountOf(
        delivered,
        'event',
      )} in ${formatCountOf(files.length, 'file')}, ${formatBytes(
        bytes,
      )}, and never changes.`;
}

/** What readers of a revision that is not the live one have to know. */
export function describeStanding(
  partition: PartitionDetail,
): string | undefined {
  const { isLive, state, revision, supersededAt, revisions } = partition;
  if (isLive) {
    return undefined;
  }
  if (state === 'sealing') {
    return `Revision ${revision} is being made. Readers go on seeing the one before until it is done.`;
  }
  const live = revisions.find(each => each.isLive);
  return `This is revision ${revision}, which readers do not see any more${
    supersededAt ? ` since ${formatUtcDateTime(supersededAt)}` : ''
  }. ${
    live ? `Revision ${live.revision} took its place. ` : ''
  }Its files stay as they are.`;
}

/** Each rule of closing in words. */
const RULES: { [rule: string]: string } = {
  'every-gateway-declared':
    'Every gateway that was alive in it had said how many batches it published, and all of them were staged.',
  'backlog-passed':
    'A gateway had died without saying what it published; after its end, the broker had nothing from before left to deliver.',
  forced:
    'A person has ordered it to be closed with what it had, although something was missing.',
};

/** Why a bucket was closed, in words. */
export function describeRule(decision: ClosingDecision): string {
  const { rule } = decision;
  return rule === undefined
    ? 'Why it was closed was not kept.'
    : RULES[rule] ?? `It was closed by the rule '${rule}'.`;
}

/** What one life of a gateway had said and done when a bucket was closed. */
export interface GatewayInput {
  gateway: string;
  epoch: string;
  declared: boolean;
  lastBatch: number;
  declaredEvents: number;
  stagedBatches: number;
  stagedEvents: number;
  missingBatches: number[];
  abandonedBatches: number[];
}

/**
 * The gateways in the inputs of a decision. They were written by the sealer of
 * the time, so nothing is taken for granted: what has another shape is left out.
 */
export function gatewayInputsOf(decision: ClosingDecision): GatewayInput[] {
  const gateways = fieldOf(decision.inputs, 'gateways');
  return Array.isArray(gateways)
    ? gateways.flatMap(each => toGatewayInput(each) ?? [])
    : [];
}

function toGatewayInput(value: unknown): GatewayInput | undefined {
  const gateway = fieldOf(value, 'gateway');
  const epoch = fieldOf(value, 'epoch');
  if (typeof gateway !== 'string' || typeof epoch !== 'string') {
    return undefined;
  }
  const count = (name: string) => {
    const found = fieldOf(value, name);
    return typeof found === 'number' ? found : 0;
  };
  const numbers = (name: string) => {
    const found = fieldOf(value, name);
    return Array.isArray(found)
      ? found.filter((each): each is number => typeof each === 'number')
      : [];
  };
  return {
    gateway,
    epoch,
    declared: fieldOf(value, 'declared') === true,
    lastBatch: count('lastBatch'),
    declaredEvents: count('declaredEvents'),
    stagedBatches: count('stagedBatches'),
    stagedEvents: count('stagedEvents'),
    missingBatches: numbers('missingBatches'),
    abandonedBatches: numbers('abandonedBatches'),
  };
}

/** The order that overruled the rule, as the decision keeps it. */
export function forcedOf(
  decision: ClosingDecision,
): { reason: string; requestedBy: string; requestedAt: string } | undefined {
  const forced = fieldOf(decision.inputs, 'forced');
  const text = (name: string) => {
    const found = fieldOf(forced, name);
    return typeof found === 'string' ? found : '';
  };
  return forced === undefined
    ? undefined
    : {
        reason: text('reason'),
        requestedBy: text('requestedBy'),
        requestedAt: text('requestedAt'),
      };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** The verdict on the multiset hashes as a badge says it. */
export const KEY_SUMS_WORDS: Record<
  KeySumsVerdict['verdict'],
  { status: 'good' | 'bad' | 'attention' | 'waiting'; word: string }
> = {
  agree: { status: 'good', word: 'hashes agree' },
  differ: { status: 'bad', word: 'hashes differ' },
  'not-recorded': { status: 'waiting', word: 'no hashes' },
  unknown: { status: 'attention', word: 'hashes not compared' },
};

/** A point on the way of a bucket, told by the clock of one machine. */
export interface StagePoint {
  what: string;
  clock: string;
  at?: string;
  /** Of the lateness, what it took to get here. */
  ms?: number;
}

/** The way of a bucket from its last event to its readers, in order. */
export function stagePointsOf(
  stages: LatenessStages,
  bucketEnd: string,
): StagePoint[] {
  const share = (stage: string) =>
    stages.shares.find(each => each.stage === stage)?.ms;
  return [
    {
      what: 'Last event received',
      clock: 'gateway',
      at: stages.lastReceivedAt,
    },
    { what: 'Bucket ended', clock: 'gateway', at: bucketEnd },
    {
      what: 'Last batch published',
      clock: 'broker',
      at: stages.lastPublishedAt,
      ms: share('publish'),
    },
    {
      what: 'Last batch staged',
      clock: 'ledger',
      at: stages.lastStagedAt,
      ms: share('stage'),
    },
    {
      what: 'Closed',
      clock: 'ledger',
      at: stages.closedAt,
      ms: share('close'),
    },
    {
      what: 'Sealed',
      clock: 'worker',
      at: stages.sealedAt,
      ms: share('seal'),
    },
  ];
}

/** A share of the lateness, such as `1.5 s, 38 %`. */
export function formatShare(ms: number, latenessMs: number): string {
  return latenessMs > 0
    ? `${formatDuration(ms)}, ${Math.round((ms / latenessMs) * 100)} %`
    : formatDuration(ms);
}

/** Numbers of batches, cut where nobody reads on. */
export function formatBatches(batches: number[]): string {
  const shown = batches.slice(0, 10).join(', ');
  return batches.length > 10
    ? `${shown} and ${formatCount(batches.length - 10)} more`
    : shown;
}

/** When a waiting bucket was decided about last. */
export function describeWaiting({ waiting }: BucketClosing): string {
  return waiting
    ? `It waits since ${formatUtcDateTime(waiting.since)}; ${
        waiting.worker
      } decided about it last at ${formatUtcTime(waiting.decidedAt)}.`
    : '';
}
