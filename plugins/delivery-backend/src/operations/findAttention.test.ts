import fs from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { attentionCodes } from '@millrace/plugin-delivery-common';
import type {
  EventTypeStanding,
  ProcessLine,
  RevisionSummary,
  SealingLine,
  WaitingBucketLine,
} from '@millrace/plugin-delivery-common';
import { type AttentionFacts, findAttention } from './findAttention';

const NOW = new Date('2026-11-21T12:00:00Z');
const ago = (minutes: number) =>
  new Date(NOW.getTime() - minutes * 60_000).toISOString();

function process(overrides: Partial<ProcessLine>): ProcessLine {
  return {
    role: 'worker',
    name: 'w',
    startedAt: ago(60),
    heartbeatAt: ago(0),
    state: 'alive',
    generation: 4,
    isBehind: false,
    ...overrides,
  };
}

const WORKER = process({});
const GATEWAY = process({ role: 'gateway', name: 'g' });

function standing(overrides: Partial<EventTypeStanding>): EventTypeStanding {
  return {
    eventType: 'a.type',
    tier: 'normal',
    consumption: 'consumed',
    consumer: { worker: 'w', since: ago(60), until: ago(-1) },
    staged: 0,
    due: 0,
    waitingBuckets: 0,
    missingBatches: 0,
    ...overrides,
  };
}

function waiting(overrides: Partial<WaitingBucketLine>): WaitingBucketLine {
  return {
    eventType: 'a.type',
    bucketStart: ago(120),
    bucketEnd: ago(60),
    waitingSince: ago(60),
    decidedAt: ago(0),
    isStale: false,
    isOverdue: true,
    isForced: false,
    reasons: [{ code: 'batches_missing', message: 'Two are missing' }],
    ...overrides,
  };
}

function sealing(overrides: Partial<SealingLine>): SealingLine {
  return {
    eventType: 'a.type',
    bucketStart: ago(120),
    bucketEnd: ago(60),
    revision: 1,
    beganAt: ago(20),
    step: 'making',
    stepSince: ago(20),
    ...overrides,
  };
}

function revision(overrides: Partial<RevisionSummary>): RevisionSummary {
  return {
    operationId: 'o',
    eventType: 'a.type',
    kind: 'redeliver',
    state: 'failed',
    buckets: 2,
    firstBucket: ago(120),
    requestedBy: 'user:default/platform',
    requestedAt: ago(30),
    finishedAt: ago(20),
    problem: { code: 'keeps_failing', message: 'Five attempts failed' },
    ...overrides,
  };
}

function found(overrides: Partial<AttentionFacts>) {
  return findAttention({
    now: NOW,
    objectivesMs: { critical: 60_000, normal: 3_600_000, low: 7_200_000 },
    processes: [WORKER, GATEWAY],
    supervised: [],
    reconciler: { failedRounds: 0, failing: [] },
    snapshotAt: new Date(ago(30)),
    eventTypes: [standing({})],
    waiting: [],
    sealing: [],
    poison: [],
    auditFindings: { critical: 0, warnings: 0 },
    revisions: [],
    ...overrides,
  });
}

const codes = (overrides: Partial<AttentionFacts>) =>
  found(overrides).map(({ code }) => code);

describe('findAttention', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(found({})).toEqual([]);
  });

  it.each<[string, Partial<AttentionFacts>, string[]]>([
    [
      'a worker that died',
      {
        processes: [WORKER, GATEWAY, process({ name: 'v', state: 'lost' })],
      },
      ['worker_lost'],
    ],
    [
      'a worker that stopped in order, among others',
      {
        processes: [WORKER, GATEWAY, process({ name: 'v', state: 'ended' })],
      },
      [],
    ],
    [
      'a gateway that died',
      {
        processes: [
          WORKER,
          GATEWAY,
          process({ role: 'gateway', name: 'h', state: 'lost' }),
        ],
      },
      ['gateway_lost'],
    ],
    [
      'no worker, while types are consumed by nobody and events are late',
      {
        processes: [GATEWAY, process({ state: 'lost' })],
        eventTypes: [
          standing({
            consumption: 'orphaned',
            consumer: { worker: 'w', since: ago(60), until: ago(30) },
            due: 5,
            dueAgeMs: 1e9,
          }),
        ],
      },
      ['no_worker'],
    ],
    [
      'processes that are just being started',
      {
        processes: [],
        supervised: (['gateway', 'worker'] as const).map(role => ({
          role,
          state: 'starting' as const,
          restarts: 0,
        })),
      },
      [],
    ],
    [
      'a process that ended',
      {
        supervised: [
          {
            role: 'gateway',
            state: 'backing-off',
            restarts: 3,
            lastExit: { at: ago(1), signal: 'SIGKILL' },
          },
        ],
      },
      ['process_ended'],
    ],
    [
      'a process behind the newest config',
      { processes: [WORKER, { ...GATEWAY, isBehind: true, generation: 3 }] },
      ['config_behind'],
    ],
    [
      'a type whose worker has just gone',
      {
        eventTypes: [
          standing({
            consumption: 'orphaned',
            consumer: { worker: 'w', since: ago(60), until: ago(0.5) },
          }),
        ],
      },
      [],
    ],
    [
      'a type whose worker has been gone for long',
      {
        eventTypes: [
          standing({
            consumption: 'orphaned',
            consumer: { worker: 'w', since: ago(60), until: ago(2) },
          }),
        ],
      },
      ['not_consumed'],
    ],
    [
      'a type that was declared a moment ago',
      {
        snapshotAt: new Date(ago(0.5)),
        eventTypes: [
          standing({ consumption: 'unclaimed', consumer: undefined }),
        ],
      },
      [],
    ],
    [
      'a bucket that waits in time',
      { waiting: [waiting({ isOverdue: false })] },
      [],
    ],
    [
      'a bucket that is closed by order',
      { waiting: [waiting({ isForced: true })] },
      [],
    ],
    [
      'late events that are being sealed',
      {
        eventTypes: [standing({ due: 5, dueAgeMs: 4e6 })],
        sealing: [sealing({ beganAt: ago(1), stepSince: ago(1) })],
      },
      [],
    ],
    [
      'late events that nobody has decided about',
      { eventTypes: [standing({ due: 5, dueAgeMs: 4e6 })] },
      ['bucket_unseen'],
    ],
    [
      'events that are due and not late',
      { eventTypes: [standing({ due: 5, dueAgeMs: 3e6 })] },
      [],
    ],
    ['a sealing that takes long', { sealing: [sealing({})] }, ['sealing_slow']],
    [
      'a revision that is being made',
      { sealing: [sealing({ revision: 2 })] },
      [],
    ],
    [
      'a revision that is being published for long',
      { sealing: [sealing({ revision: 2, step: 'publishing' })] },
      ['sealing_slow'],
    ],
    [
      'old messages on the broker',
      {
        eventTypes: [
          standing({
            broker: {
              undelivered: 3,
              oldestUnackedAgeSeconds: 4_000,
              measuredAt: ago(1),
              isStale: false,
            },
          }),
        ],
      },
      ['backlog_old'],
    ],
    [
      'old messages on the broker, by a stale measure',
      {
        eventTypes: [
          standing({
            broker: {
              undelivered: 3,
              oldestUnackedAgeSeconds: 4_000,
              measuredAt: ago(10),
              isStale: true,
            },
          }),
        ],
      },
      [],
    ],
    [
      'a repair that failed',
      { revisions: [revision({})] },
      ['revision_failed'],
    ],
    [
      'a repair that failed and was followed by another one',
      {
        revisions: [
          revision({}),
          revision({ operationId: 'p', state: 'done', requestedAt: ago(10) }),
        ],
      },
      [],
    ],
    [
      'a reconciler that cannot finish a round',
      {
        reconciler: {
          failedRounds: 2,
          message: 'The broker could not be reached',
          failing: [
            { eventType: 'a.type', message: 'm' },
            // Not of those the caller may see.
            { eventType: 'secret.plan', message: 'm' },
          ],
        },
      },
      ['declarations_not_carried_out', 'declarations_not_carried_out'],
    ],
  ])('judges %s', (_, facts, expected) => {
    expect(codes(facts)).toEqual(expected);
  });

  it('says for many of a kind one line per event type, the oldest first', () => {
    const [line, ...rest] = found({
      waiting: [
        waiting({ bucketStart: ago(180), bucketEnd: ago(120) }),
        waiting({}),
      ],
    });
    expect(rest).toEqual([]);
    expect(line).toMatchObject({
      what: '2 buckets of a.type wait and are late',
      why: 'Two are missing',
      since: ago(120),
      bucketStart: ago(180),
      count: 2,
    });
    const types = Array.from({ length: 5 }, (_, n) =>
      standing({
        eventType: `t.${n}`,
        consumption: 'unclaimed',
        consumer: undefined,
      }),
    );
    expect(found({ eventTypes: types })).toMatchObject([
      {
        what: 't.0, t.1, t.2 and 2 more event types are consumed by no worker',
        count: 5,
        eventType: undefined,
      },
    ]);
  });

  it('puts what is urgent first, and a critical finding of the auditor among it', () => {
    const lines = found({
      revisions: [revision({ state: 'previewed' })],
      poison: [{ eventType: 'a.type', count: 1, oldestAt: new Date(ago(90)) }],
      auditFindings: {
        critical: 1,
        warnings: 2,
        oldestAt: new Date(ago(10)),
      },
      waiting: [waiting({})],
    });
    expect(lines.map(({ code, urgency }) => `${urgency} ${code}`)).toEqual([
      'critical audit_findings',
      'critical bucket_waiting',
      'warning poison',
      'decision revision_undecided',
    ]);
    expect(lines[0]).toMatchObject({ count: 3, since: ago(10) });
    expect(lines[2].what).toBe('1 message of a.type is set aside');
  });

  it('is documented, line by line', () => {
    const manual = fs.readFileSync(
      resolvePackagePath(
        '@millrace/plugin-delivery-backend',
        '../../docs/operations.md',
      ),
      'utf8',
    );
    for (const code of attentionCodes) {
      expect(manual).toContain(`\`${code}\``);
    }
  });
});
