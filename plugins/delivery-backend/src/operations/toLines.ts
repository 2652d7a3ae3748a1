import type {
  Bucket,
  ConsumerRecord,
  FleetWaitingBucket,
  GatewayRecord,
  LatePartition,
  NewestGeneration,
  OpenPoison,
  SealingPartition,
  TypeStanding,
  WorkerRecord,
} from '@millrace/ledger';
import type {
  EventTypeStanding,
  LatePartitionLine,
  PoisonLine,
  ProcessLine,
  SealingLine,
  WaitingBucketLine,
} from '@millrace/plugin-delivery-common';
import { bucketEnd, type LatenessObjectivesMs } from '@millrace/schema';

/** Workers repeat their decision every quarter of a minute. */
const STALE_DECISION_MS = 60_000;

/** Google measures once a minute, some minutes late. */
const STALE_READING_MS = 5 * 60_000;

/** Gateways and workers look for a newer config every second. */
const BEHIND_MS = 60_000;

function boundsOf(bucket: Bucket) {
  return {
    bucketStart: bucket.start.toISOString(),
    bucketEnd: bucketEnd(bucket).toISOString(),
  };
}

export function toStanding(record: TypeStanding, now: Date): EventTypeStanding {
  const { consumer, staged, broker } = record;
  return {
    eventType: record.eventType,
    tier: record.tier,
    consumption: consumptionOf(record),
    consumer: consumer && {
      worker: consumer.worker,
      since: consumer.since.toISOString(),
      until: consumer.until.toISOString(),
    },
    staged: staged.events,
    due: staged.due,
    dueAgeMs: staged.oldestEnd && now.getTime() - staged.oldestEnd.getTime(),
    waitingBuckets: record.waitingBuckets,
    missingBatches: record.missingBatches,
    broker: broker && {
      undelivered: broker.undelivered,
      oldestUnackedAgeSeconds: broker.oldestUnackedAgeSeconds,
      measuredAt: broker.measuredAt.toISOString(),
      isStale: now.getTime() - broker.measuredAt.getTime() > STALE_READING_MS,
    },
  };
}

function consumptionOf({
  consumer,
  removedAt,
}: TypeStanding): EventTypeStanding['consumption'] {
  if (!consumer) {
    return 'unclaimed';
  }
  if (!consumer.isAlive) {
    return 'orphaned';
  }
  return removedAt ? 'draining' : 'consumed';
}

export function toWaiting(
  record: FleetWaitingBucket,
  now: Date,
  objectivesMs: LatenessObjectivesMs,
): WaitingBucketLine {
  const { bucket, tier, waitingSince, decidedAt } = record;
  const end = bucketEnd(bucket).getTime();
  return {
    eventType: record.eventType,
    ...boundsOf(bucket),
    waitingSince: waitingSince.toISOString(),
    decidedAt: decidedAt.toISOString(),
    isStale: now.getTime() - decidedAt.getTime() > STALE_DECISION_MS,
    isOverdue: now.getTime() - end > objectivesMs[tier],
    isForced: record.isForced,
    reasons: record.reasons.map(({ code, message }) => ({ code, message })),
  };
}

export function toSealing(record: SealingPartition): SealingLine {
  const { bucket, beganAt, publishingSince } = record;
  return {
    eventType: record.eventType,
    ...boundsOf(bucket),
    revision: record.revision,
    beganAt: beganAt.toISOString(),
    step: publishingSince ? 'publishing' : 'making',
    stepSince: (publishingSince ?? beganAt).toISOString(),
    worker: record.worker,
  };
}

export function toPoison(
  record: OpenPoison,
  mayRetry: (eventType: string) => boolean,
): PoisonLine {
  const { eventType } = record;
  return {
    poisonId: record.poisonId,
    eventType,
    messageId: record.messageId,
    reason: record.reason,
    message: record.message,
    attempts: record.attempts,
    bytes: record.bytes,
    recordedAt: record.recordedAt.toISOString(),
    retryRequestedAt: record.retryRequestedAt?.toISOString(),
    mayRetry: eventType !== undefined && mayRetry(eventType),
  };
}

export function toLate(
  record: LatePartition,
  objectivesMs: LatenessObjectivesMs,
): LatePartitionLine {
  return {
    eventType: record.eventType,
    ...boundsOf(record.bucket),
    sealedAt: record.sealedAt.toISOString(),
    latenessMs: record.latenessMs,
    objectiveMs: objectivesMs[record.tier],
  };
}

/**
 * Gateways and workers as one list. A gateway that started anew has taken the
 * place of its lost self; a worker that stopped in order has left no consumer
 * behind.
 */
export function toProcesses(options: {
  gateways: GatewayRecord[];
  workers: WorkerRecord[];
  consumers: ConsumerRecord[];
  newest: NewestGeneration;
}): ProcessLine[] {
  const { gateways, workers, consumers, newest } = options;
  const isBehind = (generation: number | undefined) =>
    newest.generation !== undefined &&
    (generation ?? 0) < newest.generation &&
    newest.createdAt !== undefined &&
    newest.readAt.getTime() - newest.createdAt.getTime() > BEHIND_MS;
  const isReplaced = ({ gateway, startedAt }: GatewayRecord) =>
    gateways.some(
      other => other.gateway === gateway && other.startedAt > startedAt,
    );
  return [
    ...gateways
      .filter(gateway => gateway.alive || !isReplaced(gateway))
      .map(
        (gateway): ProcessLine => ({
          role: 'gateway',
          name: gateway.gateway,
          startedAt: gateway.startedAt.toISOString(),
          heartbeatAt: gateway.heartbeatAt.toISOString(),
          state: stateOf(gateway.alive, gateway.endedAt === undefined),
          generation: gateway.generation,
          isBehind: isBehind(gateway.generation),
        }),
      ),
    ...workers.map((worker): ProcessLine => {
      const lives = consumers.filter(
        ({ worker: name }) => name === worker.worker,
      );
      const alive = lives.find(life => life.isAlive);
      return {
        role: 'worker',
        name: worker.worker,
        startedAt: worker.startedAt.toISOString(),
        heartbeatAt: worker.heartbeatAt.toISOString(),
        state: stateOf(worker.alive, lives.length > 0),
        generation: worker.generation,
        isBehind: isBehind(worker.generation),
        eventTypes: alive?.eventTypes ?? 0,
        draining: alive?.draining ?? 0,
        leaseUntil: alive?.leaseExpiresAt.toISOString(),
      };
    }),
  ];
}

function stateOf(isAlive: boolean, isUnended: boolean): ProcessLine['state'] {
  if (isAlive) {
    return 'alive';
  }
  return isUnended ? 'lost' : 'ended';
}
