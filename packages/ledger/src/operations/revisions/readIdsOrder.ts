import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * In which order the events of buckets were first held against the ids of
 * others, by the start of the bucket in milliseconds. Of buckets without a live
 * partition nothing is said.
 *
 * @public
 */
export async function readIdsOrder(
  db: Knex,
  options: { eventType: string; bucketStarts: Date[] },
): Promise<Map<number, bigint>> {
  const rows = await queryRows<{ bucketStart: Date; idsOrder: string }>(
    db,
    `SELECT bucket_start AS "bucketStart", ids_order AS "idsOrder"
     FROM partitions
     WHERE event_type = :eventType
       AND bucket_start = ANY (:bucketStarts::timestamptz[])
       AND state = 'sealed' AND superseded_at IS NULL`,
    options,
  );
  return new Map(
    rows.map(row => [row.bucketStart.getTime(), BigInt(row.idsOrder)]),
  );
}
