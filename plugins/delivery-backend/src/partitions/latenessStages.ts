import type { PartitionStageTimes } from '@millrace/ledger';
import type {
  LatenessStage,
  LatenessStages,
} from '@millrace/plugin-delivery-common';

/**
 * Divides the lateness of a bucket among the stages of its way.
 *
 * Each share lasts from where the stage before it ended, or from the end of the
 * bucket, until the last event was through; what was through before the end of
 * the bucket has cost nothing. Shares are never negative and add up to the
 * lateness, whatever the clocks say: four machines have told these times. What
 * cannot be, such as staged before published, is given as a difference of
 * clocks.
 *
 * @param options - `hasBatches`: whether the bucket was sealed from anything
 * @returns `undefined` when the stages of a bucket with batches were not recorded
 */
export function latenessStages(
  times: PartitionStageTimes,
  options: { bucketEnd: Date; hasBatches: boolean },
): LatenessStages | undefined {
  const { lastReceivedAt, lastPublishedAt, lastStagedAt, closedAt, sealedAt } =
    times;
  if (options.hasBatches && !(lastPublishedAt && lastStagedAt)) {
    return undefined;
  }
  const clocksDifferMs = clocksDifferBy(times, options.bucketEnd);
  return {
    lastReceivedAt: lastReceivedAt?.toISOString(),
    lastPublishedAt: lastPublishedAt?.toISOString(),
    lastStagedAt: lastStagedAt?.toISOString(),
    closedAt: closedAt.toISOString(),
    sealedAt: sealedAt.toISOString(),
    shares:
      sealedAt < options.bucketEnd ? [] : sharesOf(times, options.bucketEnd),
    clocksDifferMs: clocksDifferMs > 0 ? clocksDifferMs : undefined,
  };
}

function sharesOf(times: PartitionStageTimes, bucketEnd: Date) {
  const ends: [LatenessStage, Date | undefined][] = [
    ['publish', times.lastPublishedAt],
    ['stage', times.lastStagedAt],
    ['close', times.closedAt],
    ['seal', times.sealedAt],
  ];
  const sealed = times.sealedAt.getTime();
  let reached = bucketEnd.getTime();
  return ends.map(([stage, end]) => {
    const until = Math.min(Math.max(reached, end?.getTime() ?? 0), sealed);
    const ms = until - reached;
    reached = until;
    return { stage, ms };
  });
}

/**
 * By how much the worst pair of times contradicts the order of the stages. The
 * last batch was staged and the bucket closed by one clock, in transactions of
 * which either may have begun first: that is no contradiction.
 */
function clocksDifferBy(times: PartitionStageTimes, bucketEnd: Date): number {
  const { lastReceivedAt, lastPublishedAt, lastStagedAt, closedAt, sealedAt } =
    times;
  const inOrder: [Date | undefined, (Date | undefined)[]][] = [
    [lastPublishedAt, [lastReceivedAt]],
    [lastStagedAt, [lastReceivedAt, lastPublishedAt]],
    [closedAt, [lastReceivedAt, lastPublishedAt, bucketEnd]],
    [
      sealedAt,
      [lastReceivedAt, lastPublishedAt, lastStagedAt, closedAt, bucketEnd],
    ],
  ];
  return Math.max(
    0,
    ...inOrder.flatMap(([later, earlier]) =>
      earlier.map(each =>
        each && later ? each.getTime() - later.getTime() : 0,
      ),
    ),
  );
}
