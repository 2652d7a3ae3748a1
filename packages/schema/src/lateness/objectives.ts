/** Per tier, the lateness up to which a partition is on time, in ms. @public */
export interface LatenessObjectivesMs {
  critical: number;
  normal: number;
  low: number;
}

/**
 * How late a tier may be: a share of the bucket, but no less than a floor that
 * short buckets need for the fixed cost of closing and writing one.
 */
const DEFAULTS = {
  critical: { shareOfBucket: 0.25, floorSeconds: 30 },
  normal: { shareOfBucket: 1, floorSeconds: 60 },
  low: { shareOfBucket: 4, floorSeconds: 300 },
} as const;

/**
 * The objectives where none are configured: for buckets of an hour 15 min, 1 h
 * and 4 h; for buckets of a minute 30 s, 1 min and 5 min.
 *
 * @public
 */
export function defaultLatenessObjectivesMs(
  bucketSeconds: number,
): LatenessObjectivesMs {
  const of = (tier: keyof LatenessObjectivesMs) => {
    const { shareOfBucket, floorSeconds } = DEFAULTS[tier];
    return Math.max(shareOfBucket * bucketSeconds, floorSeconds) * 1000;
  };
  return { critical: of('critical'), normal: of('normal'), low: of('low') };
}
