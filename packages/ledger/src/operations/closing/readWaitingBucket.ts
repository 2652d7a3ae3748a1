import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket } from '../../types';

/** A bucket that is over and was not closed when a sealer last looked. @public */
export interface WaitingBucket {
  bucket: Bucket;
  /** The verdict with its reasons and inputs. */
  decision: unknown;
  /** The worker that decided. */
  worker: string;
  waitingSince: Date;
  decidedAt: Date;
}

/**
 * A sealer's last word on a bucket that waits, or `undefined`: it is not over,
 * nobody has looked at it yet, nothing is owed for it, or it has a partition.
 *
 * @public
 */
export async function readWaitingBucket(
  db: Knex,
  options: { eventType: string; bucketStart: Date },
): Promise<WaitingBucket | undefined> {
  const [row] = await queryRows<
    Omit<WaitingBucket, 'bucket'> & { bucketStart: Date; bucketSeconds: number }
  >(
    db,
    `SELECT bucket_start AS "bucketStart", bucket_seconds AS "bucketSeconds",
       decision, worker, waiting_since AS "waitingSince",
       decided_at AS "decidedAt"
     FROM waiting_buckets w
     WHERE event_type = :eventType AND bucket_start = :bucketStart
       AND NOT EXISTS (
         SELECT FROM partitions p WHERE p.event_type = w.event_type
           AND p.bucket_start = w.bucket_start
       )`,
    { eventType: options.eventType, bucketStart: options.bucketStart },
  );
  if (!row) {
    return undefined;
  }
  const { bucketStart, bucketSeconds, ...waiting } = row;
  return {
    bucket: { start: bucketStart, seconds: bucketSeconds },
    ...waiting,
  };
}
