import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A worker beats every 2 s; after this long without, it counts as gone. */
const WORKER_LEASE_MS = 10_000;

/** @public */
export interface WorkerRecord {
  worker: string;
  startedAt: Date;
  heartbeatAt: Date;
  alive: boolean;
  generation?: number;
  pid: number;
  /** How many event types it consumes. */
  eventTypes: number;
}

/**
 * The workers with a heartbeat since the given time (default: all).
 *
 * @public
 */
export async function listWorkers(
  db: Knex,
  options: { activeSince?: Date } = {},
): Promise<WorkerRecord[]> {
  const rows = await queryRows<
    Omit<WorkerRecord, 'generation'> & { generation: number | null }
  >(
    db,
    `SELECT worker, started_at AS "startedAt", heartbeat_at AS "heartbeatAt",
       heartbeat_at > now() - :leaseMs * interval '1 millisecond' AS alive,
       generation, pid,
       (SELECT count(*)::integer
        FROM consumers c JOIN consumption_leases l ON l.holder = c.session
        WHERE c.worker = workers.worker AND c.lease_expires_at > now()
       ) AS "eventTypes"
     FROM workers
     WHERE heartbeat_at >= coalesce(:activeSince::timestamptz, '-infinity')
     ORDER BY worker`,
    {
      activeSince: options.activeSince ?? null,
      leaseMs: WORKER_LEASE_MS,
    },
  );
  return rows.map(row => ({ ...row, generation: row.generation ?? undefined }));
}
