import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';

/** @public */
export interface HeartbeatGatewayOptions {
  gateway: string;
  epoch: string;
  startedAt: Date;
  url: string;
  pid: number;
  /** How long the gateway counts as alive without a further heartbeat. */
  leaseMs: number;
  /** The config snapshot it runs, once it has one. */
  generation?: number;
  /** When it last found, by its own clock, that this is the newest. */
  snapshotCheckedAt?: Date;
  /** Defaults to the database's clock. */
  now?: Date;
}

/**
 * Extends a gateway's lease.
 *
 * Guarantees: a gateway the ledger has not heard of (it started while the
 * database was down) appears with its true start; a lease never gets shorter;
 * an ended life stays ended. When the heartbeat makes known that the gateway
 * was alive in a span the ledger took for silent (a late registration, or a
 * lease that had run out), the search for buckets to close goes back to that
 * span, so that none of its buckets is forgotten.
 *
 * @returns what time it is for the ledger
 * @public
 */
export async function heartbeatGateway(
  db: Knex,
  options: HeartbeatGatewayOptions,
): Promise<{ ledgerNow: Date }> {
  const bindings = {
    gateway: options.gateway,
    epoch: options.epoch,
    startedAt: options.startedAt,
    url: options.url,
    pid: options.pid,
    leaseMs: options.leaseMs,
    generation: options.generation ?? null,
    snapshotCheckedAt: options.snapshotCheckedAt ?? null,
    now: options.now ?? null,
  };
  return await inTransaction(db, async tx => {
    const [{ silentSince, ledgerNow }] = await queryRows<{
      silentSince: Date | null;
      ledgerNow: Date;
    }>(
      tx,
      `WITH clock AS (SELECT coalesce(:now::timestamptz, now()) AS now),
       before AS (
         SELECT lease_expires_at FROM gateways
         WHERE gateway = :gateway AND epoch = :epoch
       ),
       beat AS (
         INSERT INTO gateways AS g (gateway, epoch, started_at, heartbeat_at,
           lease_expires_at, generation, snapshot_checked_at, url, pid)
         SELECT :gateway, :epoch, :startedAt, now,
           now + :leaseMs * interval '1 millisecond', :generation,
           :snapshotCheckedAt, :url, :pid
         FROM clock
         ON CONFLICT (gateway, epoch) DO UPDATE SET
           heartbeat_at = greatest(g.heartbeat_at, excluded.heartbeat_at),
           lease_expires_at =
             greatest(g.lease_expires_at, excluded.lease_expires_at),
           generation = coalesce(excluded.generation, g.generation),
           snapshot_checked_at =
             coalesce(excluded.snapshot_checked_at, g.snapshot_checked_at),
           url = excluded.url,
           pid = excluded.pid
       )
       SELECT CASE
         WHEN NOT EXISTS (SELECT FROM before) THEN :startedAt
         ELSE (SELECT lease_expires_at FROM before, clock
               WHERE lease_expires_at < now)
       END::timestamptz AS "silentSince",
       (SELECT now FROM clock) AS "ledgerNow"`,
      bindings,
    );
    if (silentSince) {
      await tx.raw(
        `UPDATE event_types
         SET closed_through = greatest(provisioned_at, :silentSince)
         WHERE removed_at IS NULL
           AND closed_through > greatest(provisioned_at, :silentSince)`,
        { silentSince },
      );
    }
    return { ledgerNow };
  });
}
