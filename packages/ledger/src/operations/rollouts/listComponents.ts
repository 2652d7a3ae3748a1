import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A worker beats every 2 s; after this long without, it counts as gone. */
const WORKER_LEASE_MS = 10_000;

/** A part of the data plane, and what it runs. @public */
export interface ComponentRecord {
  kind: 'gateway' | 'worker';
  name: string;
  startedAt: Date;
  heartbeatAt: Date;
  isAlive: boolean;
  /** Missing until it has any config. */
  generation?: number;
  /** Since when it was heard to run that. */
  since?: Date;
}

/**
 * The parts that are alive, or were heard of since the given time, with the
 * generation each runs. Of each name the newest life.
 *
 * @public
 */
export async function listComponents(
  db: Knex,
  options: { activeSince: Date },
): Promise<ComponentRecord[]> {
  const rows = await queryRows<
    Omit<ComponentRecord, 'generation' | 'since'> & {
      generation: number | null;
      since: Date | null;
    }
  >(
    db,
    `SELECT p.kind, p.name, p."startedAt", p."heartbeatAt", p."isAlive",
       p.generation, (
         SELECT min(c.since) FROM component_rollouts c
         WHERE c.kind = p.kind AND c.name = p.name
           AND c.generation = p.generation
           AND c.since >= p."startedAt" - interval '1 minute'
       ) AS since
     FROM (
       SELECT DISTINCT ON (gateway) 'gateway' AS kind, gateway AS name,
         started_at AS "startedAt", heartbeat_at AS "heartbeatAt",
         ended_at IS NULL AND lease_expires_at > now() AS "isAlive", generation
       FROM gateways
       WHERE heartbeat_at >= :activeSince
       ORDER BY gateway, started_at DESC
     ) p
     UNION ALL
     SELECT 'worker', w.worker, w.started_at, w.heartbeat_at,
       w.heartbeat_at > now() - :leaseMs * interval '1 millisecond',
       w.generation, (
         SELECT min(c.since) FROM component_rollouts c
         WHERE c.kind = 'worker' AND c.name = w.worker
           AND c.generation = w.generation
           AND c.since >= w.started_at - interval '1 minute'
       )
     FROM workers w WHERE w.heartbeat_at >= :activeSince
     ORDER BY 1, 2`,
    { activeSince: options.activeSince, leaseMs: WORKER_LEASE_MS },
  );
  return rows.map(row => ({
    ...row,
    generation: row.generation ?? undefined,
    since: row.since ?? undefined,
  }));
}
