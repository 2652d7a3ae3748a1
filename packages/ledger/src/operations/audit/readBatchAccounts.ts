import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** More than anyone can act on; the rest of a longer list is not told. */
const MAX_MISSING_LISTED = 1000;

/** What a life of a gateway declared of a bucket, and what of it arrived. @public */
export interface GatewayAccount {
  gateway: string;
  epoch: string;
  /** Of the batches the broker confirmed. */
  declaredEvents: number;
  /** Of batches that are staged or sealed, without the abandoned ones. */
  arrivedEvents: number;
  /** Batches that arrived and could not be read; their events are not known. */
  poisonBatches: number;
  /** Declared, confirmed, and never arrived; at most 1,000 are listed. */
  missingBatches: number[];
}

/** @public */
export interface BatchAccounts {
  /** Events of the batches that the partition was sealed from. */
  sealedEvents: number;
  sealedBatches: number;
  gateways: GatewayAccount[];
}

/**
 * The accounts of a partition by batches: those it was sealed from, wherever
 * they were received, and those that were declared for its bucket, wherever they
 * were sealed. Batches are known for 31 days after they were sealed; beyond it
 * there is nothing to compare with.
 *
 * @public
 */
export async function readBatchAccounts(
  db: Knex,
  options: { partitionId: string },
): Promise<BatchAccounts> {
  const [sealed] = await queryRows<{ events: string; batches: string }>(
    db,
    `SELECT coalesce(sum(events), 0) AS events, count(*) AS batches
     FROM staged_batches WHERE partition_id = :partitionId`,
    { ...options },
  );
  const gateways = await queryRows<{
    gateway: string;
    epoch: string;
    declaredEvents: string;
    arrivedEvents: string;
    poisonBatches: string;
    missingBatches: number[];
  }>(
    db,
    `WITH declared AS (
       SELECT c.* FROM partitions p JOIN gateway_bucket_counts c
         ON c.event_type = p.event_type AND c.bucket_start = p.bucket_start
       WHERE p.partition_id = :partitionId
     )
     SELECT d.gateway, d.epoch, d.events AS "declaredEvents",
       coalesce(s.events, 0) AS "arrivedEvents",
       coalesce(p.batches, 0) AS "poisonBatches",
       ARRAY(
         SELECT n FROM generate_series(1, d.last_batch) AS n
         WHERE n <> ALL (d.abandoned_batches)
           AND n <> ALL (coalesce(s.numbers, '{}'))
           AND n <> ALL (coalesce(p.numbers, '{}'))
         ORDER BY n LIMIT :maxMissing
       ) AS "missingBatches"
     FROM declared d
     LEFT JOIN LATERAL (
       SELECT sum(b.events) FILTER (
           WHERE b.batch <> ALL (d.abandoned_batches)) AS events,
         array_agg(b.batch) AS numbers
       FROM staged_batches b
       WHERE b.event_type = d.event_type AND b.bucket_start = d.bucket_start
         AND b.gateway = d.gateway AND b.epoch = d.epoch
     ) s ON true
     LEFT JOIN LATERAL (
       SELECT count(*) AS batches, array_agg(b.batch) AS numbers
       FROM poison_batches b
       WHERE b.event_type = d.event_type AND b.bucket_start = d.bucket_start
         AND b.gateway = d.gateway AND b.epoch = d.epoch
         AND b.batch IS NOT NULL
     ) p ON true
     ORDER BY d.gateway, d.epoch`,
    { ...options, maxMissing: MAX_MISSING_LISTED },
  );
  return {
    sealedEvents: Number(sealed.events),
    sealedBatches: Number(sealed.batches),
    gateways: gateways.map(row => ({
      gateway: row.gateway,
      epoch: row.epoch,
      declaredEvents: Number(row.declaredEvents),
      arrivedEvents: Number(row.arrivedEvents),
      poisonBatches: Number(row.poisonBatches),
      missingBatches: row.missingBatches,
    })),
  };
}
