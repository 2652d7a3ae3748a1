/**
 * The value below or at which a share of the samples lies (nearest rank).
 *
 * @param {ArrayLike<number>} sorted ascending
 * @param {number} share from 0 to 1
 * @returns {number} NaN without samples
 */
export function percentile(sorted, share) {
  if (sorted.length === 0) return NaN;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
}

/**
 * @param {number[]} samplesMs
 * @returns {{ count: number, p50: number, p90: number, p99: number,
 *   p999: number, max: number, mean: number }} milliseconds
 */
export function summarize(samplesMs) {
  const sorted = Float64Array.from(samplesMs).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
    mean: sorted.reduce((sum, each) => sum + each, 0) / sorted.length,
  };
}

/** The middle of a few runs; of an even number, the mean of the middle two. */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How far the runs lie apart: (largest − smallest) / median. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
