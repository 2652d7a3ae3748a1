import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface GatewayRecord {
  gateway: string;
  epoch: string;
  startedAt: Date;
  heartbeatAt: Date;
  leaseExpiresAt: Date;
  endedAt?: Date;
  /** Not ended, and within its lease by the database's clock. */
  alive: boolean;
  generation?: number;
  /** When it last found, by its own clock, that this was the newest. */
  snapshotCheckedAt?: Date;
  url: string;
  pid: number;
}

/**
 * The lives of gateways with a heartbeat since the given time, newest start
 * first.
 *
 * @public
 */
export async function listGateways(
  db: Knex,
  options: { activeSince: Date },
): Promise<GatewayRecord[]> {
  const rows = await queryRows<
    Omit<GatewayRecord, 'endedAt' | 'generation' | 'snapshotCheckedAt'> & {
      endedAt: Date | null;
      generation: number | null;
      snapshotCheckedAt: Date | null;
    }
  >(
    db,
    `SELECT gateway, epoch, started_at AS "startedAt",
       heartbeat_at AS "heartbeatAt", lease_expires_at AS "leaseExpiresAt",
       ended_at AS "endedAt",
       ended_at IS NULL AND lease_expires_at > now() AS alive,
       generation, snapshot_checked_at AS "snapshotCheckedAt", url, pid
     FROM gateways WHERE heartbeat_at >= :activeSince
     ORDER BY started_at DESC, gateway, epoch`,
    { activeSince: options.activeSince },
  );
  return rows.map(row => ({
    ...row,
    endedAt: row.endedAt ?? undefined,
    generation: row.generation ?? undefined,
    snapshotCheckedAt: row.snapshotCheckedAt ?? undefined,
  }));
}
