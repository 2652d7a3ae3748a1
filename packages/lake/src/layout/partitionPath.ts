import { Bucket, bucketOf, parseEventTypeName } from '@millrace/schema';
import { LakeError } from '../errors';

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3600;

/**
 * The folder of one partition revision, Hive style, so that DuckDB, Spark and
 * BigQuery read the lake as it is:
 * `shop.order_placed/dt=2026-11-21/hh=13/r0001`.
 *
 * `mi=` appears only for buckets shorter than an hour and `ss=` only for those
 * shorter than a minute: a lake of hours looks like one.
 *
 * @throws SchemaError when the endpoint's name or the bucket is not a legal one
 * @public
 */
export function partitionPath(
  endpoint: string,
  bucket: Bucket,
  revision: number,
): string {
  const name = parseEventTypeName(endpoint);
  const start = bucketOf(bucket.start, bucket.seconds).start;
  if (start.getTime() !== bucket.start.getTime()) {
    throw new LakeError(
      'invalid_key',
      `A bucket of ${
        bucket.seconds
      } s cannot begin at ${bucket.start.toISOString()}`,
    );
  }
  if (!Number.isInteger(revision) || revision < 1 || revision > 9999) {
    throw new LakeError(
      'invalid_key',
      `A revision is a whole number from 1 to 9999; got ${revision}`,
    );
  }
  const [date, time] = start.toISOString().split('T');
  const [hour, minute, second] = time.slice(0, 8).split(':');
  return [
    name,
    `dt=${date}`,
    `hh=${hour}`,
    ...(bucket.seconds < SECONDS_PER_HOUR ? [`mi=${minute}`] : []),
    ...(bucket.seconds < SECONDS_PER_MINUTE ? [`ss=${second}`] : []),
    `r${String(revision).padStart(4, '0')}`,
  ].join('/');
}

/** What a partition's folder says about it. @public */
export interface PartitionLocation {
  path: string;
  endpoint: string;
  bucketStart: Date;
  revision: number;
}

const PARTITION_PATH =
  /^([^/]+)\/dt=(\d{4}-\d\d-\d\d)\/hh=(\d\d)(?:\/mi=(\d\d))?(?:\/ss=(\d\d))?\/r(\d{4})$/;

/**
 * The inverse of {@link partitionPath}; `undefined` for any other path. The
 * length of the bucket is not in the path: the manifest knows it.
 *
 * @public
 */
export function parsePartitionPath(
  partition: string,
): PartitionLocation | undefined {
  const match = PARTITION_PATH.exec(partition);
  if (!match) {
    return undefined;
  }
  const [, endpoint, date, hour, minute = '00', second = '00', revision] =
    match;
  const bucketStart = new Date(`${date}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(bucketStart.getTime())
    ? undefined
    : {
        path: partition,
        endpoint,
        bucketStart,
        revision: Number(revision),
      };
}
