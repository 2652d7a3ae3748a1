import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** One life of a consumer, and what it holds. @public */
export interface ConsumerRecord {
  worker: string;
  joinedAt: Date;
  leaseExpiresAt: Date;
  /**
   * Within its lease. One that is not has ended without handing its types over:
   * who stops in order is not listed at all.
   */
  isAlive: boolean;
  /** How many event types name it as their holder. */
  eventTypes: number;
  /** Of these, those that left the config and are being drained. */
  draining: number;
}

/**
 * Who shares the event types, those that died in the last hour included, by
 * worker.
 *
 * @public
 */
export async function listConsumers(db: Knex): Promise<ConsumerRecord[]> {
  return queryRows<ConsumerRecord>(
    db,
    `SELECT c.worker, c.joined_at AS "joinedAt",
       c.lease_expires_at AS "leaseExpiresAt",
       c.lease_expires_at > now() AS "isAlive",
       count(l.event_type)::integer AS "eventTypes",
       count(t.event_type) FILTER (WHERE t.removed_at IS NOT NULL)::integer
         AS draining
     FROM consumers c
     LEFT JOIN consumption_leases l ON l.holder = c.session
     LEFT JOIN event_types t ON t.event_type = l.event_type
     GROUP BY c.session ORDER BY c.worker, c.joined_at`,
  );
}
