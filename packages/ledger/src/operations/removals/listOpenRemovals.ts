import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  REMOVAL_COLUMNS,
  RemovalRecord,
  RemovalRow,
  toRemoval,
} from './removalTypes';

/** What decides whether a removal may take its next step. @public */
export interface RemovalFacts {
  /** It is in the newest config snapshot. */
  isInConfig: boolean;
  /**
   * Gateways that may run a config from before {@link RemovalRecord.generation}:
   * alive, or silent for less than a day and not started anew.
   */
  gatewaysBehind: string[];
  /** Nothing is left on its subscriptions, or it never had anybody listening. */
  isDrained: boolean;
  /** Events that are staged and in no sealed partition. */
  unsealedEvents: number;
  /** Partitions of it that are being sealed. */
  sealingPartitions: number;
  /** Messages that were set aside, and neither tried again with success. */
  openPoison: number;
}

/** @public */
export type OpenRemoval = RemovalRecord & RemovalFacts;

/**
 * The removals that are not finished, by name, each with what decides on its
 * next step: one statement whatever their number. With `eventType`, only its.
 *
 * @public
 */
export async function listOpenRemovals(
  db: Knex,
  options: { eventType?: string } = {},
): Promise<OpenRemoval[]> {
  const rows = await queryRows<RemovalRow & RemovalFacts>(
    db,
    `SELECT ${REMOVAL_COLUMNS},
       t.event_type IS NOT NULL AND t.removed_at IS NULL AS "isInConfig",
       ARRAY(
         SELECT DISTINCT g.gateway FROM gateways g
         WHERE g.ended_at IS NULL
           AND g.lease_expires_at > now() - interval '1 day'
           AND coalesce(g.generation, 0) < r.generation
           AND NOT EXISTS (
             SELECT FROM gateways newer
             WHERE newer.gateway = g.gateway AND newer.started_at > g.started_at
           )
         ORDER BY g.gateway
       ) AS "gatewaysBehind",
       t.event_type IS NULL
         OR coalesce(l.drained_at >= t.removed_at, false) AS "isDrained",
       (SELECT coalesce(sum(s.events), 0)::float8 FROM staged_batches s
        WHERE s.event_type = r.event_type AND s.consumed_at IS NULL
       ) AS "unsealedEvents",
       (SELECT count(*)::integer FROM partitions p
        WHERE p.event_type = r.event_type AND p.state = 'sealing'
       ) AS "sealingPartitions",
       (SELECT count(*)::integer FROM poison_batches b
        WHERE b.subscription_type = r.event_type AND b.resolved_at IS NULL
       ) AS "openPoison"
     FROM removals r
     LEFT JOIN event_types t USING (event_type)
     LEFT JOIN consumption_leases l USING (event_type)
     WHERE r.archiving_at IS NULL
       AND (:eventType::text IS NULL OR r.event_type = :eventType)
     ORDER BY r.event_type`,
    { eventType: options.eventType ?? null },
  );
  return rows.map(row => ({
    ...toRemoval(row),
    isInConfig: row.isInConfig,
    gatewaysBehind: row.gatewaysBehind,
    isDrained: row.isDrained,
    unsealedEvents: row.unsealedEvents,
    sealingPartitions: row.sealingPartitions,
    openPoison: row.openPoison,
  }));
}
