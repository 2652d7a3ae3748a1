import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** When an event type reached the steps the ledger knows of. @public */
export interface DeliveryMilestones {
  eventType: string;
  /** When it came into the config snapshot; missing when it is not in it. */
  provisionedAt?: Date;
  /** When its first batch was published. */
  firstReceivedAt?: Date;
  /** When its first partition with events was sealed. */
  firstSealedAt?: Date;
  /** Before that: the end of the first bucket whose events wait for sealing. */
  waitingBucketEnd?: Date;
}

/**
 * The milestones of event types: one statement whatever their number.
 *
 * Staged batches are forgotten some weeks after sealing; the time of the first
 * is kept. Where it was forgotten by an earlier release that did not keep it, the
 * start of the first bucket with delivered events, clearly older than what is
 * left of the batches, stands in for it.
 *
 * @public
 */
export async function readMilestones(
  db: Knex,
  options: { eventTypes: string[] },
): Promise<DeliveryMilestones[]> {
  const rows = await queryRows<{
    eventType: string;
    provisionedAt: Date | null;
    firstReceivedAt: Date | null;
    firstSealedAt: Date | null;
    waitingBucketEnd: Date | null;
  }>(
    db,
    `SELECT t.event_type AS "eventType",
       CASE WHEN t.removed_at IS NULL THEN t.provisioned_at END
         AS "provisionedAt",
       CASE
         WHEN first_batch.published_at IS NULL
           OR first_partition.bucket_end + interval '1 hour'
             < first_batch.published_at
         THEN first_partition.bucket_start
         ELSE first_batch.published_at
       END AS "firstReceivedAt",
       first_partition.sealed_at AS "firstSealedAt",
       CASE WHEN first_partition.sealed_at IS NULL THEN (
         SELECT min(s.landing_start + s.landing_seconds * interval '1 second')
         FROM staged_batches s
         WHERE s.event_type = t.event_type AND s.consumed_at IS NULL
       ) END AS "waitingBucketEnd"
     FROM event_types t
     LEFT JOIN first_receptions f USING (event_type)
     LEFT JOIN LATERAL (
       SELECT least(f.received_at, min(s.published_at)) AS published_at
       FROM staged_batches s
       WHERE s.event_type = t.event_type
     ) first_batch ON true
     LEFT JOIN LATERAL (
       SELECT p.bucket_start, p.bucket_end, p.sealed_at FROM partitions p
       WHERE p.event_type = t.event_type AND p.state = 'sealed'
         AND p.delivered > 0
       ORDER BY p.bucket_start, p.revision LIMIT 1
     ) first_partition ON true
     WHERE t.event_type = ANY (:eventTypes::text[])`,
    { eventTypes: options.eventTypes },
  );
  return rows.map(row => ({
    eventType: row.eventType,
    provisionedAt: row.provisionedAt ?? undefined,
    firstReceivedAt: row.firstReceivedAt ?? undefined,
    firstSealedAt: row.firstSealedAt ?? undefined,
    waitingBucketEnd: row.waitingBucketEnd ?? undefined,
  }));
}
