import { Knex } from 'knex';
import { inTransaction } from '../../database/values';

/** What became of the events of one receive bucket in a partition. @public */
export interface ReceiveBucketFates {
  receiveStart: Date | string;
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  /** Multiset hashes of the event keys, modulo 2^64. */
  acceptedSum: bigint;
  deliveredSum: bigint;
  duplicatesSum: bigint;
  refusedSum: bigint;
}

/** @public */
export interface RecordPartitionBooksOptions {
  partitionId: string;
  fates: ReceiveBucketFates[];
  /** Events with producer, epoch and sequence; without; and with, but not tracked. */
  numbering: { numbered: number; unnumbered: number; untracked: number };
}

/**
 * Records where the events of a partition came from and what became of them.
 * Called while the partition is being sealed: nothing counts before it is, and
 * a sealing that is repeated replaces what the one before wrote.
 *
 * @public
 */
export async function recordPartitionBooks(
  db: Knex,
  options: RecordPartitionBooksOptions,
): Promise<void> {
  const { partitionId, fates, numbering } = options;
  await inTransaction(db, async tx => {
    await tx.raw(
      'DELETE FROM partition_fates WHERE partition_id = :partitionId',
      { partitionId },
    );
    await tx.raw(
      'DELETE FROM partition_arrivals WHERE partition_id = :partitionId',
      { partitionId },
    );
    await tx.raw(
      `INSERT INTO partition_fates (partition_id, event_type, receive_start,
         accepted, delivered, duplicates, refused,
         accepted_sum, delivered_sum, duplicates_sum, refused_sum)
       SELECT p.partition_id, p.event_type, f."receiveStart", f.accepted,
         f.delivered, f.duplicates, f.refused, f."acceptedSum",
         f."deliveredSum", f."duplicatesSum", f."refusedSum"
       FROM partitions p, jsonb_to_recordset(:fates::jsonb) AS f (
         "receiveStart" timestamptz, accepted bigint, delivered bigint,
         duplicates bigint, refused bigint, "acceptedSum" numeric,
         "deliveredSum" numeric, "duplicatesSum" numeric, "refusedSum" numeric)
       WHERE p.partition_id = :partitionId`,
      {
        partitionId,
        fates: JSON.stringify(fates, (_, value) =>
          // JSON has no integer of 64 bits.
          typeof value === 'bigint' ? value.toString() : value,
        ),
      },
    );
    await tx.raw(
      `INSERT INTO partition_arrivals (partition_id, event_type, receive_start,
         gateway, epoch, batches, events, outside_batches, outside_events)
       SELECT s.partition_id, s.event_type, s.bucket_start, s.gateway, s.epoch,
         count(*), sum(s.events),
         count(*) FILTER (WHERE s.batch = ANY (d.abandoned_batches)
           OR s.batch > d.last_batch),
         coalesce(sum(s.events) FILTER (
           WHERE s.batch = ANY (d.abandoned_batches)
             OR s.batch > d.last_batch), 0)
       FROM staged_batches s LEFT JOIN gateway_bucket_counts d
         USING (event_type, bucket_start, gateway, epoch)
       WHERE s.partition_id = :partitionId
       GROUP BY s.partition_id, s.event_type, s.bucket_start, s.gateway, s.epoch`,
      { partitionId },
    );
    await tx.raw(
      `INSERT INTO partition_numbering (partition_id, event_type,
         numbered_events, unnumbered_events, untracked_events)
       SELECT p.partition_id, p.event_type, :numbered, :unnumbered, :untracked
       FROM partitions p WHERE p.partition_id = :partitionId
       ON CONFLICT (partition_id) DO UPDATE SET
         numbered_events = excluded.numbered_events,
         unnumbered_events = excluded.unnumbered_events,
         untracked_events = excluded.untracked_events`,
      { partitionId, ...numbering },
    );
  });
}
