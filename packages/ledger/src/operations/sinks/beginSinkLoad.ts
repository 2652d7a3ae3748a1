import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface BeginSinkLoadOptions {
  sink: string;
  partitionId: string;
  /** When to look at it again. */
  lookAgainMs: number;
}

/**
 * Begins to load a revision: gives the number of the attempt, which names its
 * job. `undefined` when somebody else has begun it, when a later revision was
 * sealed, or when another revision of the bucket is being loaded.
 *
 * Committed before the job is made. Whoever stops in between leaves a revision
 * that is `loading` with a job that may not be there; the next one makes that
 * very job, under that very name, before anything else happens to the bucket.
 *
 * @public
 */
export async function beginSinkLoad(
  db: Knex,
  options: BeginSinkLoadOptions,
): Promise<{ attempt: number } | undefined> {
  const [begun] = await queryRows<{ attempt: number }>(
    db,
    `UPDATE sink_loads l SET state = 'loading', attempt = l.attempt + 1,
       reason = NULL, message = NULL,
       next_look_at = now() + :lookAgainMs * interval '1 millisecond'
     FROM partitions p
     WHERE l.sink = :sink AND l.partition_id = :partitionId
       AND l.state IN ('pending', 'failed')
       AND p.partition_id = l.partition_id AND p.superseded_at IS NULL
       AND NOT EXISTS (
         SELECT 1 FROM sink_loads o
         WHERE o.sink = l.sink AND o.event_type = l.event_type
           AND o.bucket_start = l.bucket_start
           AND o.partition_id <> l.partition_id AND o.state = 'loading')
     RETURNING l.attempt`,
    {
      sink: options.sink,
      partitionId: options.partitionId,
      lookAgainMs: options.lookAgainMs,
    },
  );
  return begun;
}
