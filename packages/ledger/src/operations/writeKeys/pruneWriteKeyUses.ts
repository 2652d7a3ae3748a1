import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Forgets what gateways have seen of write keys that they have not seen since
 * `before`, except for the newest sight of each key: gateways come and go, and
 * when a key was last used stays known. Gives how many rows went.
 *
 * @public
 */
export async function pruneWriteKeyUses(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  return queryCount(
    db,
    `DELETE FROM write_key_uses AS u
     WHERE u.last_used_at < :before AND EXISTS (
       SELECT FROM write_key_uses AS later
       WHERE later.key_id = u.key_id
         AND (later.last_used_at, later.gateway) > (u.last_used_at, u.gateway)
     )`,
    { before: options.before },
  );
}
