import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { FrozenBatch } from '../sealing/frozenBatch';

/**
 * What became of the events of one origin in a partition: of those that one
 * gateway epoch received in one bucket. A duplicate counts for the gateway whose
 * copy was removed, whoever the delivered one came by.
 *
 * @public
 */
export interface OriginFates {
  gateway: string;
  epoch: string;
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
  /** All that the partition is sealed from. */
  batches: Pick<FrozenBatch, 'header'>[];
  /** One per origin of these batches. */
  fates: OriginFates[];
  /** Events with producer, epoch and sequence; without; and with, but not tracked. */
  numbering: { numbered: number; unnumbered: number; untracked: number };
}

/**
 * Records where the events of a partition came from and what became of them.
 * Called while the partition is being sealed: nothing counts before it is, and
 * a sealing that is repeated replaces what the one before wrote.
 *
 * @throws LedgerError with code `counts_do_not_balance`, and nothing is written,
 *   unless of every origin as many events have a fate as have arrived
 * @public
 */
export async function recordPartitionBooks(
  db: Knex,
  options: RecordPartitionBooksOptions,
): Promise<void> {
  const { partitionId, batches, fates, numbering } = options;
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
         gateway, epoch, accepted, delivered, duplicates, refused,
         accepted_sum, delivered_sum, duplicates_sum, refused_sum)
       SELECT p.partition_id, p.event_type, f."receiveStart", f.gateway,
         f.epoch, f.accepted, f.delivered, f.duplicates, f.refused,
         f."acceptedSum", f."deliveredSum", f."duplicatesSum", f."refusedSum"
       FROM partitions p, jsonb_to_recordset(:fates::jsonb) AS f (
         "receiveStart" timestamptz, gateway text, epoch text,
         accepted bigint, delivered bigint, duplicates bigint, refused bigint,
         "acceptedSum" numeric, "deliveredSum" numeric,
         "duplicatesSum" numeric, "refusedSum" numeric)
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
       SELECT p.partition_id, p.event_type, o."receiveStart", o.gateway,
         o.epoch, count(*), sum(b.events), count(*) FILTER (WHERE is_outside),
         coalesce(sum(b.events) FILTER (WHERE is_outside), 0)
       FROM partitions p
       CROSS JOIN jsonb_to_recordset(:origins::jsonb) AS o (gateway text,
         epoch text, "receiveStart" timestamptz, batches integer[],
         events integer[])
       LEFT JOIN gateway_bucket_counts d ON d.event_type = p.event_type
         AND d.bucket_start = o."receiveStart" AND d.gateway = o.gateway
         AND d.epoch = o.epoch
       CROSS JOIN unnest(o.batches, o.events) AS b (batch, events)
       CROSS JOIN LATERAL (SELECT coalesce(b.batch > d.last_batch
         OR b.batch = ANY (d.abandoned_batches), false) AS is_outside) c
       WHERE p.partition_id = :partitionId
       GROUP BY p.partition_id, p.event_type, o."receiveStart", o.gateway,
         o.epoch`,
      { partitionId, origins: JSON.stringify(byOrigin(batches)) },
    );
    await assertEveryOriginBalances(tx, partitionId);
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

/** Numbers and events of the batches of each origin. */
function byOrigin(batches: Pick<FrozenBatch, 'header'>[]) {
  const origins = new Map<
    string,
    {
      gateway: string;
      epoch: string;
      receiveStart: Date;
      batches: number[];
      events: number[];
    }
  >();
  for (const { header } of batches) {
    const { gateway, epoch, bucket, batch, events } = header;
    const key = JSON.stringify([gateway, epoch, bucket.start]);
    const origin = origins.get(key) ?? {
      gateway,
      epoch,
      receiveStart: bucket.start,
      batches: [],
      events: [],
    };
    origin.batches.push(batch);
    origin.events.push(events);
    origins.set(key, origin);
  }
  return [...origins.values()];
}

/**
 * Arrivals are counted from what the batches say of themselves, fates from the
 * rows they were read as.
 */
async function assertEveryOriginBalances(
  tx: Knex.Transaction,
  partitionId: string,
): Promise<void> {
  const [unbalanced] = await queryRows<{
    gateway: string;
    epoch: string;
    receiveStart: Date;
    arrived: string;
    fated: string;
  }>(
    tx,
    `SELECT gateway, epoch, receive_start AS "receiveStart",
       coalesce(a.events, 0) AS arrived, coalesce(f.accepted, 0) AS fated
     FROM (SELECT * FROM partition_arrivals
           WHERE partition_id = :partitionId) AS a
     FULL JOIN (SELECT * FROM partition_fates
                WHERE partition_id = :partitionId) AS f
       USING (gateway, epoch, receive_start)
     WHERE coalesce(a.events, 0) <> coalesce(f.accepted, 0)
     ORDER BY gateway, epoch, receive_start LIMIT 1`,
    { partitionId },
  );
  if (unbalanced) {
    const { gateway, epoch, receiveStart, arrived, fated } = unbalanced;
    throw new LedgerError(
      'counts_do_not_balance',
      `Partition ${partitionId}: ${arrived} events of gateway ${gateway} (epoch ${epoch}) received in the bucket of ${receiveStart.toISOString()} have arrived, but ${fated} have a fate`,
    );
  }
}
