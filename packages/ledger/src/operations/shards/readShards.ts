import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** How far a shard has come. @public */
export interface ShardProgress {
  shard: number;
  folder: string;
  /** Who works on it, or did last. */
  worker?: string;
  /** How often it was taken. */
  takes: number;
  /** It is done, and this is the SHA-256 of what says what became of it. */
  resultSha256?: string;
}

/**
 * The shards of an attempt, by number; none when another attempt has begun.
 *
 * @public
 */
export async function readShards(
  db: Knex,
  options: { partitionId: string; fencingToken: bigint },
): Promise<ShardProgress[]> {
  const rows = await queryRows<{
    shard: number;
    folder: string;
    worker: string | null;
    takes: number;
    resultSha256: string | null;
  }>(
    db,
    `SELECT shard, folder, worker, takes, result_sha256 AS "resultSha256"
     FROM seal_shards
     WHERE partition_id = :partitionId AND fencing_token = :fencingToken
     ORDER BY shard`,
    {
      partitionId: options.partitionId,
      fencingToken: String(options.fencingToken),
    },
  );
  return rows.map(({ worker, resultSha256, ...row }) => ({
    ...row,
    worker: worker ?? undefined,
    resultSha256: resultSha256 ?? undefined,
  }));
}
