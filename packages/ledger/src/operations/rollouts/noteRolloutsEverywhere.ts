import { Knex } from 'knex';

/** A worker beats every 2 s; after this long without, it counts as gone. */
const WORKER_LEASE_MS = 10_000;

/**
 * Notes which generations every part that is alive runs, or has left behind for
 * a later one, and since when: the moment the last of them was heard to.
 *
 * While nothing is alive nothing is noted. A part that starts later, and behind,
 * takes nothing back.
 *
 * @public
 */
export async function noteRolloutsEverywhere(db: Knex): Promise<void> {
  await db.raw(
    `WITH alive AS (
       SELECT 'gateway' AS kind, gateway AS name, coalesce(generation, 0)
         AS generation
       FROM gateways WHERE ended_at IS NULL AND lease_expires_at > now()
       UNION ALL
       SELECT 'worker', worker, coalesce(generation, 0) FROM workers
       WHERE heartbeat_at > now() - :leaseMs * interval '1 millisecond'
     )
     UPDATE rollouts r SET everywhere_at = greatest(r.published_at, (
       SELECT max(heard.since) FROM alive a, LATERAL (
         SELECT min(c.since) AS since FROM component_rollouts c
         WHERE c.kind = a.kind AND c.name = a.name
           AND c.generation >= r.generation
       ) heard
     ))
     WHERE r.everywhere_at IS NULL
       AND r.generation <= (SELECT min(generation) FROM alive)`,
    { leaseMs: WORKER_LEASE_MS },
  );
}
