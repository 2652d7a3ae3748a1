import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Whether no gateway can run a config older than the newest one, by which it
 * might publish for an event type that has left the config.
 *
 * A gateway that fell silent without saying goodbye may still be accepting, cut
 * off from the ledger; it counts for a day, unless it has started anew.
 *
 * @public
 */
export async function gatewaysAreCurrent(db: Knex): Promise<boolean> {
  const [{ isCurrent }] = await queryRows<{ isCurrent: boolean }>(
    db,
    `SELECT NOT EXISTS (
       SELECT FROM gateways g
       WHERE g.ended_at IS NULL
         AND g.lease_expires_at > now() - interval '1 day'
         AND coalesce(g.generation, 0) <
           (SELECT max(generation) FROM config_snapshots)
         AND NOT EXISTS (
           SELECT FROM gateways newer
           WHERE newer.gateway = g.gateway AND newer.started_at > g.started_at
         )
     ) AS "isCurrent"`,
  );
  return isCurrent;
}
