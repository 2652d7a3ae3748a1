import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { Bucket } from '../../types';

/** @public */
export interface RecordWaitingBucketsOptions {
  worker: string;
  buckets: {
    eventType: string;
    bucket: Bucket;
    /** The verdict with its reasons and inputs, kept as it is. */
    decision: unknown;
  }[];
}

/**
 * Keeps a sealer's last word on buckets that are over and may not be closed
 * yet, so that anybody can be told why. The statements are as many whatever their
 * number. Rows of buckets that have a partition by now, and those that nobody has
 * repeated for ten minutes, are swept out: the latter are owed no longer, or no
 * worker was there, and then the next one tells anew.
 *
 * @public
 */
export async function recordWaitingBuckets(
  db: Knex,
  options: RecordWaitingBucketsOptions,
): Promise<void> {
  const { worker, buckets } = options;
  const rows = buckets.map(({ eventType, bucket, decision }) => ({
    eventType,
    bucketStart: bucket.start,
    bucketSeconds: bucket.seconds,
    decision,
  }));
  await inTransaction(db, async tx => {
    await tx.raw(
      `DELETE FROM waiting_buckets w USING partitions p
       WHERE p.event_type = w.event_type AND p.bucket_start = w.bucket_start`,
    );
    await tx.raw(
      `DELETE FROM waiting_buckets
       WHERE decided_at < now() - interval '10 minutes'`,
    );
    await tx.raw(
      `INSERT INTO waiting_buckets
         (event_type, bucket_start, bucket_seconds, decision, worker)
       SELECT "eventType", "bucketStart", "bucketSeconds", decision, :worker
       FROM jsonb_to_recordset(:rows::jsonb) AS r ("eventType" text,
         "bucketStart" timestamptz, "bucketSeconds" integer, decision jsonb)
       ORDER BY "eventType", "bucketStart"
       ON CONFLICT (event_type, bucket_start) DO UPDATE SET
         bucket_seconds = excluded.bucket_seconds,
         decision = excluded.decision,
         worker = excluded.worker,
         decided_at = now()`,
      { worker, rows: JSON.stringify(rows) },
    );
  });
}
