import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { BrokerOrphan } from './noteOrphans';

/**
 * The orphans that were last seen at the broker.
 *
 * @public
 */
export async function listOrphans(
  db: Knex,
  options: { limit: number },
): Promise<(BrokerOrphan & { firstSeenAt: Date })[]> {
  return await queryRows<BrokerOrphan & { firstSeenAt: Date }>(
    db,
    `SELECT kind, name, first_seen_at AS "firstSeenAt"
     FROM broker_orphans ORDER BY first_seen_at, name LIMIT :limit`,
    { limit: options.limit },
  );
}
