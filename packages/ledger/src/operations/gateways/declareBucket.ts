import { Knex } from 'knex';
import { Bucket } from '../../types';
import { inTransaction } from '../../database/values';

/** @public */
export interface DeclareBucketOptions {
  gateway: string;
  epoch: string;
  bucket: Bucket;
  /** One entry per event type that had batches; the others sent nothing. */
  counts: {
    eventType: string;
    /** The highest batch number used. */
    lastBatch: number;
    /** Published without the broker's confirmation: may or may not arrive. */
    abandonedBatches: number[];
    events: number;
    /**
     * Sum modulo 2^64 of the hashes of the confirmed batches. Gateways of
     * versions before it send none, and are not compared.
     */
    batchesSum?: bigint;
  }[];
}

/**
 * Records a gateway's word that it has published all it ever will for a bucket.
 *
 * Guarantees: all counts of one declaration become visible together;
 * idempotent, the same declaration again changes nothing; a later, different
 * one for the same bucket replaces it (a gateway only does so when it knows
 * better, such as a batch confirmed late).
 *
 * @public
 */
export async function declareBucket(
  db: Knex,
  options: DeclareBucketOptions,
): Promise<void> {
  const { gateway, epoch, bucket, counts } = options;
  const key = { gateway, epoch, bucketStart: bucket.start };
  await inTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO gateway_buckets (gateway, epoch, bucket_start, bucket_seconds)
       VALUES (:gateway, :epoch, :bucketStart, :bucketSeconds)
       ON CONFLICT (bucket_start, gateway, epoch)
         DO UPDATE SET bucket_seconds = excluded.bucket_seconds`,
      { ...key, bucketSeconds: bucket.seconds },
    );
    await tx.raw(
      `DELETE FROM gateway_bucket_counts
       WHERE gateway = :gateway AND epoch = :epoch
         AND bucket_start = :bucketStart AND event_type <> ALL (:eventTypes)`,
      { ...key, eventTypes: counts.map(count => count.eventType) },
    );
    if (counts.length === 0) {
      return;
    }
    await tx.raw(
      `INSERT INTO gateway_bucket_counts (gateway, epoch, bucket_start,
         event_type, last_batch, abandoned_batches, events, batches_sum)
       SELECT :gateway, :epoch, :bucketStart, c."eventType", c."lastBatch",
         c."abandonedBatches", c.events, c."batchesSum"
       FROM jsonb_to_recordset(:counts::jsonb) AS c ("eventType" text,
         "lastBatch" integer, "abandonedBatches" integer[], events bigint,
         "batchesSum" numeric)
       ON CONFLICT (event_type, bucket_start, gateway, epoch) DO UPDATE SET
         last_batch = excluded.last_batch,
         abandoned_batches = excluded.abandoned_batches,
         events = excluded.events,
         batches_sum = excluded.batches_sum`,
      {
        ...key,
        counts: JSON.stringify(
          counts.map(count => ({
            ...count,
            // JSON has no integer of 64 bits.
            batchesSum: count.batchesSum?.toString(),
          })),
        ),
      },
    );
  });
}
