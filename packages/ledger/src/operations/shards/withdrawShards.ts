import { Knex } from 'knex';

/**
 * Takes the shards of an attempt off the list: all are done, or it was given
 * up.
 *
 * @public
 */
export async function withdrawShards(
  db: Knex,
  options: { partitionId: string; fencingToken: bigint },
): Promise<void> {
  await db.raw(
    `DELETE FROM seal_shards
     WHERE partition_id = :partitionId AND fencing_token = :fencingToken`,
    {
      partitionId: options.partitionId,
      fencingToken: String(options.fencingToken),
    },
  );
}
