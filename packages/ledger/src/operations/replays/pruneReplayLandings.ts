import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Forgets where replayed events landed before the given time, but nothing of
 * the last 31 days by the database's clock. Gives the number of rows.
 *
 * @public
 */
export async function pruneReplayLandings(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  return queryCount(
    db,
    `DELETE FROM replay_landings
     WHERE landed_at < least(:before, now() - interval '31 days')`,
    { before: options.before },
  );
}
