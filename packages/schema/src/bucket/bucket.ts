import { SchemaError } from '../errors';

/**
 * A receive hour, generalised: a span of time that begins at a multiple of its
 * own length since midnight UTC. Events are filed under the bucket in which
 * the gateway received them.
 *
 * @public
 */
export interface Bucket {
  start: Date;
  seconds: number;
}

const SECONDS_PER_HOUR = 3600;
const DURATION = /^PT(?:(\d{1,2})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?$/;

/**
 * Reads the length of a bucket, for example `PT1H`, `PT5M` or `PT10S`.
 *
 * The length must divide one hour evenly. Otherwise a bucket could span two
 * hours, and the partition path `dt=/hh=` would no longer name its content.
 *
 * @returns the length in seconds
 * @throws SchemaError with code `invalid_bucket_duration`
 * @public
 */
export function parseBucketDuration(iso: string): number {
  const match = typeof iso === 'string' ? DURATION.exec(iso) : undefined;
  const [hours, minutes, seconds] = (match?.slice(1) ?? []).map(part =>
    Number(part ?? 0),
  );
  const total = match ? hours * SECONDS_PER_HOUR + minutes * 60 + seconds : 0;
  if (total < 1 || SECONDS_PER_HOUR % total !== 0) {
    throw new SchemaError(
      'invalid_bucket_duration',
      "A bucket duration is an ISO 8601 duration that divides one hour evenly, for example 'PT1H', 'PT5M' or 'PT10S'",
    );
  }
  return total;
}

/**
 * The bucket into which an instant falls.
 *
 * @throws SchemaError with code `invalid_bucket_duration` when the instant is
 * not a valid date or the length does not divide one hour
 * @public
 */
export function bucketOf(at: Date, seconds: number): Bucket {
  const time = at.getTime();
  if (
    Number.isNaN(time) ||
    !Number.isInteger(seconds) ||
    seconds < 1 ||
    SECONDS_PER_HOUR % seconds !== 0
  ) {
    throw new SchemaError(
      'invalid_bucket_duration',
      'A bucket needs a valid date and a length in whole seconds that divides one hour evenly',
    );
  }
  const length = seconds * 1000;
  return { start: new Date(Math.floor(time / length) * length), seconds };
}

/**
 * The first instant after a bucket.
 *
 * @public
 */
export function bucketEnd(bucket: Bucket): Date {
  return new Date(bucket.start.getTime() + bucket.seconds * 1000);
}

/**
 * The start of a bucket as ISO text, which sorts in the order of time. It
 * names a bucket among buckets of one length.
 *
 * @public
 */
export function bucketKey(bucket: Bucket): string {
  return bucket.start.toISOString();
}
