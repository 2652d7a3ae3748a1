import { Knex } from 'knex';
import { StagedBatch } from '../../types';

/**
 * Notes batches whose number was recorded before. With the same content it is a
 * redelivery, which is counted and means nothing more. With another content two
 * batches were given one number: the second was dropped, so its events may be
 * lost, and that is a finding. Without a CRC on both sides nothing is compared.
 *
 * Part of the transaction that records batches, before any of the rows it made
 * is taken back.
 */
export async function noteRepeatedBatches(
  tx: Knex.Transaction,
  batches: StagedBatch[],
): Promise<void> {
  if (batches.length === 0) {
    return;
  }
  const rows = JSON.stringify(
    batches.map(({ header }) => ({
      eventType: header.eventType,
      bucketStart: header.bucket.start,
      gateway: header.gateway,
      epoch: header.epoch,
      batch: header.batch,
      crc: header.crc,
      events: header.events,
    })),
  );
  await tx.raw(
    `WITH again AS (
       SELECT r.*, s.crc IS NULL OR r.crc IS NULL OR s.crc = r.crc AS is_same
       FROM jsonb_to_recordset(:rows::jsonb) AS r ("eventType" text,
         "bucketStart" timestamptz, gateway text, epoch text, batch integer,
         crc bigint, events bigint)
       JOIN staged_batches s ON s.event_type = r."eventType"
         AND s.bucket_start = r."bucketStart" AND s.gateway = r.gateway
         AND s.epoch = r.epoch AND s.batch = r.batch
     ),
     counted AS (
       INSERT INTO batch_redeliveries AS n (event_type, bucket_start, gateway,
         epoch, batch, times, last_at)
       SELECT "eventType", "bucketStart", gateway, epoch, batch, count(*), now()
       FROM again WHERE is_same
       GROUP BY "eventType", "bucketStart", gateway, epoch, batch
       ORDER BY "eventType", "bucketStart", gateway, epoch, batch
       ON CONFLICT (event_type, bucket_start, gateway, epoch, batch)
         DO UPDATE SET times = n.times + excluded.times, last_at = now()
     ),
     forgotten AS (
       DELETE FROM batch_redeliveries WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM batch_redeliveries
         WHERE last_at < now() - interval '62 days'
         ORDER BY last_at LIMIT 1000 FOR UPDATE SKIP LOCKED
       ))
     )
     INSERT INTO batch_findings AS f (event_type, bucket_start, gateway, epoch,
       kind, batch, events, seen_count)
     SELECT "eventType", "bucketStart", gateway, epoch, 'batch_number_reused',
       batch, max(events), count(*)
     FROM again WHERE NOT is_same
     GROUP BY "eventType", "bucketStart", gateway, epoch, batch
     ORDER BY "eventType", "bucketStart", gateway, epoch, batch
     ON CONFLICT (event_type, bucket_start, gateway, epoch, kind, batch)
       DO UPDATE SET seen_count = f.seen_count + excluded.seen_count`,
    { rows },
  );
}
