import { Knex } from 'knex';

/** @public */
export interface HeartbeatWorkerOptions {
  worker: string;
  startedAt: Date;
  pid: number;
  /** The config snapshot it runs, once it has one. */
  generation?: number;
}

/**
 * Says that a worker is alive, since when, and which config it runs.
 *
 * @public
 */
export async function heartbeatWorker(
  db: Knex,
  options: HeartbeatWorkerOptions,
): Promise<void> {
  await db.raw(
    `INSERT INTO workers (worker, started_at, heartbeat_at, generation, pid)
     VALUES (:worker, :startedAt, now(), :generation, :pid)
     ON CONFLICT (worker) DO UPDATE SET
       started_at = excluded.started_at,
       heartbeat_at = excluded.heartbeat_at,
       generation = excluded.generation,
       pid = excluded.pid`,
    {
      worker: options.worker,
      startedAt: options.startedAt,
      generation: options.generation ?? null,
      pid: options.pid,
    },
  );
}
