/**
 * How late a tier may be: a share of the bucket, but no less than a floor that
 * short buckets need for the fixed cost of closing and writing one.
 */
const OBJECTIVES = {
  critical: { shareOfBucket: 0.25, floorSeconds: 30 },
  normal: { shareOfBucket: 1, floorSeconds: 60 },
  low: { shareOfBucket: 4, floorSeconds: 300 },
} as const;

/**
 * The lateness up to which a partition of this tier counts as on time, in
 * milliseconds: for buckets of an hour 15 min, 1 h and 4 h; for buckets of a
 * minute 30 s, 1 min and 5 min.
 *
 * @public
 */
export function latenessObjectiveMs(
  tier: 'critical' | 'normal' | 'low',
  bucketSeconds: number,
): number {
  const { shareOfBucket, floorSeconds } = OBJECTIVES[tier];
  return Math.max(shareOfBucket * bucketSeconds, floorSeconds) * 1000;
}
