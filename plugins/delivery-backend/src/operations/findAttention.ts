import type {
  AttentionCode,
  AttentionLine,
  AttentionUrgency,
  EventTypeStanding,
  ProcessLine,
  ProcessState,
  ReconcilerStatus,
  RevisionSummary,
  SealingLine,
  WaitingBucketLine,
} from '@millrace/plugin-delivery-common';
import type { LatenessObjectivesMs } from '@millrace/schema';

/** What the lines are found in. All lists are those the caller may see. */
export interface AttentionFacts {
  now: Date;
  objectivesMs: LatenessObjectivesMs;
  processes: ProcessLine[];
  /** Of the embedded mode; empty in external mode. */
  supervised: ProcessState[];
  reconciler: ReconcilerStatus;
  /** When the newest config snapshot was made; missing until there is one. */
  snapshotAt?: Date;
  eventTypes: EventTypeStanding[];
  waiting: WaitingBucketLine[];
  sealing: SealingLine[];
  poison: { eventType?: string; count: number; oldestAt: Date }[];
  auditFindings: { critical: number; warnings: number; oldestAt?: Date };
  revisions: RevisionSummary[];
}

/** Sealing a large bucket takes seconds; what takes so long is stuck. */
const SLOW_SEALING_MS = 10 * 60_000;

/** A type passes from one worker to another within the length of a lease. */
const UNCONSUMED_MS = 60_000;

/** Names in a sentence; beyond three the rest is counted. */
const MAX_NAMED = 3;

const URGENCIES: readonly AttentionUrgency[] = [
  'critical',
  'warning',
  'decision',
];

/**
 * Finds what needs a person. Pure; the rules are those of the operations
 * manual.
 *
 * What follows from a cause that is listed is not listed again: without any
 * worker no type is consumed, and it says so once. Lines of one event type stand
 * for all of the same kind of that type. Most urgent first; then what concerns
 * everything before what concerns one event type, and what is so for longest.
 */
export function findAttention(facts: AttentionFacts): AttentionLine[] {
  const hasWorker = isAnyAlive(facts.processes, 'worker');
  const lines = [
    ...ofSupervised(facts),
    ...ofRoles(facts),
    ...(hasWorker ? [...ofConsumption(facts), ...ofUnseen(facts)] : []),
    ...ofConfig(facts),
    ...ofReconciler(facts),
    ...ofWaiting(facts),
    ...ofSealing(facts),
    ...ofBroker(facts),
    ...ofPoison(facts),
    ...ofAudit(facts),
    ...ofRevisions(facts),
  ];
  return lines.sort(
    (a, b) =>
      URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency) ||
      Number(a.eventType !== undefined) - Number(b.eventType !== undefined) ||
      (a.since ?? '').localeCompare(b.since ?? ''),
  );
}

function line(
  code: AttentionCode,
  urgency: AttentionUrgency,
  what: string,
  rest: Partial<AttentionLine> = {},
): AttentionLine {
  return { code, urgency, what, count: 1, ...rest };
}

function isAnyAlive(processes: ProcessLine[], role: string): boolean {
  return processes.some(
    process => process.role === role && process.state === 'alive',
  );
}

function newest(times: (string | undefined)[]): string | undefined {
  return times.reduce(
    (max, time) => (time && (!max || time > max) ? time : max),
    undefined,
  );
}

function ofSupervised({ supervised }: AttentionFacts): AttentionLine[] {
  return supervised
    .filter(({ state }) => state === 'backing-off' || state === 'stopped')
    .map(({ role, state, lastExit, restarts }) =>
      line(
        'process_ended',
        'critical',
        state === 'stopped'
          ? `The ${role} is stopped`
          : `The ${role} ended and is started again shortly`,
        {
          since: lastExit?.at,
          why: lastExit
            ? `It ended with ${
                lastExit.signal ?? `code ${lastExit.code ?? 'unknown'}`
              }; started again ${restarts} times`
            : undefined,
        },
      ),
    );
}

function ofRoles({ processes, supervised }: AttentionFacts): AttentionLine[] {
  const isStarting = (role: string) =>
    supervised.some(
      process => process.role === role && process.state === 'starting',
    );
  const lines: AttentionLine[] = [];
  const known = (role: string) =>
    processes.filter(process => process.role === role);
  const lastHeard = (role: string) =>
    newest(known(role).map(({ heartbeatAt }) => heartbeatAt));
  if (!isAnyAlive(processes, 'worker') && !isStarting('worker')) {
    lines.push(
      line('no_worker', 'critical', 'No worker is alive', {
        why: 'Nothing is staged or sealed; what gateways accept stays on the broker',
        since: lastHeard('worker'),
      }),
    );
  } else {
    lines.push(
      ...known('worker')
        .filter(({ state }) => state === 'lost')
        .map(({ name, heartbeatAt }) =>
          line('worker_lost', 'warning', `Worker ${name} fell silent`, {
            why: 'It did not say goodbye; the others have taken over its event types',
            since: heartbeatAt,
          }),
        ),
    );
  }
  if (!isAnyAlive(processes, 'gateway') && !isStarting('gateway')) {
    lines.push(
      line('no_gateway', 'critical', 'No gateway is alive', {
        why: 'Events cannot be accepted; senders keep them and try again',
        since: lastHeard('gateway'),
      }),
    );
  } else {
    lines.push(
      ...known('gateway')
        .filter(({ state }) => state === 'lost')
        .map(({ name, heartbeatAt }) =>
          line('gateway_lost', 'warning', `Gateway ${name} fell silent`, {
            why: 'Buckets it was alive in wait until the broker has nothing of it any more',
            since: heartbeatAt,
          }),
        ),
    );
  }
  return lines;
}

function ofConsumption(facts: AttentionFacts): AttentionLine[] {
  const { now, snapshotAt, eventTypes } = facts;
  const before = now.getTime() - UNCONSUMED_MS;
  const left = eventTypes.filter(({ consumption, consumer }) =>
    consumption === 'orphaned'
      ? consumer !== undefined && Date.parse(consumer.until) < before
      : // A type that is new is claimed within seconds.
        consumption === 'unclaimed' &&
        snapshotAt !== undefined &&
        snapshotAt.getTime() < before,
  );
  return left.length === 0
    ? []
    : [
        line(
          'not_consumed',
          'critical',
          `${nameSome(left)} ${
            left.length === 1 ? 'is' : 'are'
          } consumed by no worker`,
          {
            count: left.length,
            why: 'A worker is alive and has not taken over; its log says why',
            eventType: left.length === 1 ? left[0].eventType : undefined,
          },
        ),
      ];
}

function ofConfig({
  processes,
  now,
  snapshotAt,
}: AttentionFacts): AttentionLine[] {
  return processes
    .filter(({ isBehind, state }) => isBehind && state === 'alive')
    .map(({ role, name, generation }) =>
      line(
        'config_behind',
        'warning',
        `The ${role} ${name} runs old settings`,
        {
          why:
            generation === undefined
              ? 'It has no config snapshot yet'
              : `It runs config generation ${generation}, which is not the newest; it does not reach the ledger, or refuses what the ledger offers`,
          since: (snapshotAt ?? now).toISOString(),
        },
      ),
    );
}

function ofReconciler({
  reconciler,
  eventTypes,
}: AttentionFacts): AttentionLine[] {
  const lines: AttentionLine[] = [];
  if (reconciler.message) {
    lines.push(
      line(
        'declarations_not_carried_out',
        'warning',
        'What is declared is not being carried out',
        { why: reconciler.message, since: reconciler.lastRoundAt },
      ),
    );
  }
  // Only those the caller may see.
  const seen = new Set(eventTypes.map(({ eventType }) => eventType));
  for (const { eventType, message } of reconciler.failing) {
    if (seen.has(eventType)) {
      lines.push(
        line(
          'declarations_not_carried_out',
          'warning',
          `${eventType} is not provisioned`,
          { why: message, eventType },
        ),
      );
    }
  }
  return lines;
}

function ofWaiting({ waiting }: AttentionFacts): AttentionLine[] {
  const overdue = groupBy(
    waiting.filter(({ isOverdue, isForced }) => isOverdue && !isForced),
    ({ eventType }) => eventType,
  );
  return [...overdue].map(([eventType, buckets]) => {
    const [oldest] = buckets;
    const reasons = oldest.reasons.map(({ message }) => message).join('; ');
    return line(
      'bucket_waiting',
      'critical',
      buckets.length === 1
        ? `A bucket of ${eventType} waits and is late`
        : `${count(buckets.length)} buckets of ${eventType} wait and are late`,
      {
        count: buckets.length,
        why: oldest.isStale
          ? `No worker has decided about it lately; then: ${reasons}`
          : reasons || undefined,
        since: oldest.bucketEnd,
        eventType,
        bucketStart: oldest.bucketStart,
        bucketEnd: oldest.bucketEnd,
      },
    );
  });
}

/** Staged, over, late, and neither waiting nor being sealed. */
function ofUnseen(facts: AttentionFacts): AttentionLine[] {
  const { now, objectivesMs, sealing, eventTypes } = facts;
  const beingSealed = new Set(sealing.map(({ eventType }) => eventType));
  return eventTypes
    .filter(
      ({ eventType, tier, dueAgeMs, waitingBuckets }) =>
        dueAgeMs !== undefined &&
        dueAgeMs > objectivesMs[tier] &&
        waitingBuckets === 0 &&
        !beingSealed.has(eventType),
    )
    .map(({ eventType, due, dueAgeMs = 0 }) =>
      line(
        'bucket_unseen',
        'critical',
        `${count(
          due,
        )} events of ${eventType} are late, and no worker has decided about them`,
        {
          why: 'Workers decide every second; their log says why this one is not reached',
          since: new Date(now.getTime() - dueAgeMs).toISOString(),
          eventType,
        },
      ),
    );
}

function ofSealing({ sealing, now }: AttentionFacts): AttentionLine[] {
  const slow = groupBy(
    sealing.filter(
      ({ stepSince, revision, step }) =>
        // A later revision keeps nobody waiting before it is published.
        (revision === 1 || step === 'publishing') &&
        now.getTime() - Date.parse(stepSince) > SLOW_SEALING_MS,
    ),
    ({ eventType }) => eventType,
  );
  return [...slow].map(([eventType, partitions]) => {
    const [oldest] = partitions;
    return line(
      'sealing_slow',
      'critical',
      `Sealing ${eventType} does not come to an end`,
      {
        count: partitions.length,
        why:
          oldest.step === 'publishing'
            ? 'It may be in the lake and is not in the ledger yet; no other bucket of the type can go first'
            : 'Its files are being made; the log of the worker says why it takes so long',
        since: oldest.stepSince,
        eventType,
        bucketStart: oldest.bucketStart,
        bucketEnd: oldest.bucketEnd,
      },
    );
  });
}

function ofBroker({
  eventTypes,
  objectivesMs,
}: AttentionFacts): AttentionLine[] {
  return eventTypes.flatMap(({ eventType, tier, broker }) =>
    broker &&
    !broker.isStale &&
    broker.oldestUnackedAgeSeconds * 1000 > objectivesMs[tier]
      ? [
          line(
            'backlog_old',
            'warning',
            `Messages of ${eventType} stay on the broker`,
            {
              count: broker.undelivered,
              why: `${count(
                broker.undelivered,
              )} are not acknowledged, as measured at ${broker.measuredAt}`,
              since: new Date(
                Date.parse(broker.measuredAt) -
                  broker.oldestUnackedAgeSeconds * 1000,
              ).toISOString(),
              eventType,
            },
          ),
        ]
      : [],
  );
}

function ofPoison({ poison }: AttentionFacts): AttentionLine[] {
  return poison.map(({ eventType, count: messages, oldestAt }) =>
    line(
      'poison',
      'warning',
      `${count(messages)} ${messages === 1 ? 'message' : 'messages'} of ${
        eventType ?? 'unknown event types'
      } ${messages === 1 ? 'is' : 'are'} set aside`,
      {
        count: messages,
        why: 'They cannot be staged; their events are in no partition',
        since: oldestAt.toISOString(),
        eventType,
      },
    ),
  );
}

function ofAudit({ auditFindings }: AttentionFacts): AttentionLine[] {
  const { critical, warnings, oldestAt } = auditFindings;
  const all = critical + warnings;
  return all === 0
    ? []
    : [
        line(
          'audit_findings',
          critical > 0 ? 'critical' : 'warning',
          critical > 0
            ? `The auditor found ${count(critical)} critical ${
                critical === 1 ? 'fault' : 'faults'
              } in the lake`
            : `The auditor found ${count(warnings)} ${
                warnings === 1 ? 'thing' : 'things'
              } to look at in the lake`,
          { count: all, since: oldestAt?.toISOString() },
        ),
      ];
}

function ofRevisions({ revisions }: AttentionFacts): AttentionLine[] {
  return revisions.flatMap(operation => {
    const { operationId, eventType, kind, state, problem } = operation;
    const rest = { eventType, operationId, since: operation.requestedAt };
    if (state === 'previewed') {
      return [
        line(
          'revision_undecided',
          'decision',
          `A ${kind} of ${eventType} is previewed and waits for a decision`,
          { ...rest, count: operation.buckets },
        ),
      ];
    }
    const isLastOfType = !revisions.some(
      other =>
        other.eventType === eventType &&
        other.requestedAt > operation.requestedAt,
    );
    return state === 'failed' && isLastOfType
      ? [
          line(
            'revision_failed',
            'warning',
            `A ${kind} of ${eventType} failed; nothing has changed`,
            {
              ...rest,
              count: operation.buckets,
              why: problem?.message,
              since: operation.finishedAt ?? operation.requestedAt,
            },
          ),
        ]
      : [];
  });
}

function nameSome(types: { eventType: string }[]): string {
  const named = types.slice(0, MAX_NAMED).map(({ eventType }) => eventType);
  const rest = types.length - named.length;
  return rest > 0
    ? `${named.join(', ')} and ${count(rest)} more event types`
    : named.join(', ');
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
