const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEPS = [
  { unit: 'd', ms: DAY_MS },
  { unit: 'h', ms: HOUR_MS },
  { unit: 'min', ms: MINUTE_MS },
  { unit: 's', ms: SECOND_MS },
];

/**
 * A duration in its two largest units, such as `3 min 20 s`. Below ten seconds
 * one digit after the point is kept: that is where lateness differs.
 *
 * @public
 */
export function formatDuration(ms: number): string {
  if (ms < 0) {
    return `-${formatDuration(-ms)}`;
  }
  if (ms < 10 * SECOND_MS) {
    return `${Number((ms / SECOND_MS).toFixed(1))} s`;
  }
  const wholeMs = Math.round(ms / SECOND_MS) * SECOND_MS;
  const first = STEPS.findIndex(step => wholeMs >= step.ms);
  const { unit, ms: stepMs } = STEPS[first];
  const count = Math.floor(wholeMs / stepMs);
  const next = STEPS[first + 1];
  const rest = next ? Math.floor((wholeMs % stepMs) / next.ms) : 0;
  return rest ? `${count} ${unit} ${rest} ${next.unit}` : `${count} ${unit}`;
}

/**
 * A duration with its sign, the way lateness is printed: `+4 s`.
 *
 * @public
 */
export function formatLateness(ms: number): string {
  return ms < 0 ? formatDuration(ms) : `+${formatDuration(ms)}`;
}

/**
 * What people call a bucket of this length: `hour`, `minute`, or `10 s bucket`.
 *
 * @public
 */
export function bucketWord(bucketSeconds: number): string {
  switch (bucketSeconds) {
    case 3600:
      return 'hour';
    case 60:
      return 'minute';
    default:
      return `${formatDuration(bucketSeconds * SECOND_MS)} bucket`;
  }
}
