import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A shard in somebody's hands. @public */
export interface TakenShard {
  partitionId: string;
  fencingToken: bigint;
  shard: number;
  folder: string;
  /** Which taking of the shard this is, from 1. */
  take: number;
}

/** @public */
export interface TakeShardOptions {
  worker: string;
  /** How long it is held unless it is renewed, by the database's clock. */
  holdMs: number;
  /** Of this partition. Default: of any that another offers, the first first. */
  partitionId?: string;
}

/**
 * Takes a shard that nobody works on, or gives `undefined`.
 *
 * Guarantees: of any number of takers one gets it; one whose holder has not
 * been heard of for as long as it may is given to another. Never waits.
 *
 * @public
 */
export async function takeShard(
  db: Knex,
  options: TakeShardOptions,
): Promise<TakenShard | undefined> {
  const [taken] = await queryRows<
    Omit<TakenShard, 'fencingToken'> & { fencingToken: string }
  >(
    db,
    `UPDATE seal_shards s SET worker = :worker, takes = s.takes + 1,
       taken_until = now() + :holdMs * interval '1 millisecond'
     FROM (
       SELECT partition_id, fencing_token, shard FROM seal_shards
       WHERE result_sha256 IS NULL
         AND (taken_until IS NULL OR taken_until <= now())
         AND CASE WHEN :partitionId::bigint IS NULL THEN offered_by <> :worker
           ELSE partition_id = :partitionId END
       ORDER BY offered_at, partition_id, shard LIMIT 1
       FOR UPDATE SKIP LOCKED
     ) AS free
     WHERE s.partition_id = free.partition_id
       AND s.fencing_token = free.fencing_token AND s.shard = free.shard
     RETURNING s.partition_id::text AS "partitionId",
       s.fencing_token::text AS "fencingToken", s.shard, s.folder,
       s.takes AS take`,
    {
      worker: options.worker,
      holdMs: options.holdMs,
      partitionId: options.partitionId ?? null,
    },
  );
  return taken && { ...taken, fencingToken: BigInt(taken.fencingToken) };
}
