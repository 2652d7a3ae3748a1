import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Multiset hashes of the event keys of a partition by fate, modulo 2^64, in
 * decimal.
 *
 * @public
 */
export interface PartitionKeySums {
  accepted: string;
  delivered: string;
  duplicates: string;
  refused: string;
}

/**
 * The multiset hashes in the books of a partition, over all receive buckets;
 * `undefined` when it was sealed before books were kept, or empty.
 *
 * @public
 */
export async function readPartitionKeySums(
  db: Knex,
  options: { partitionId: string },
): Promise<PartitionKeySums | undefined> {
  const [row] = await queryRows<PartitionKeySums & { fates: string }>(
    db,
    `SELECT count(*) AS fates,
       mod(sum(accepted_sum), 18446744073709551616)::text AS accepted,
       mod(sum(delivered_sum), 18446744073709551616)::text AS delivered,
       mod(sum(duplicates_sum), 18446744073709551616)::text AS duplicates,
       mod(sum(refused_sum), 18446744073709551616)::text AS refused
     FROM partition_fates WHERE partition_id = :partitionId`,
    { ...options },
  );
  const { fates, ...sums } = row;
  return Number(fates) > 0 ? sums : undefined;
}
