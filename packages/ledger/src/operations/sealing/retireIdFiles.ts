import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Takes id files out of count whose newest ids were sealed before the given
 * time, but none that reaches into the retry horizon (31 days) by the database's
 * clock: a caller whose clock jumped ahead must not undo the protection against
 * duplicates. Gives their number.
 *
 * @public
 */
export async function retireIdFiles(
  db: Knex,
  options: { before: Date },
): Promise<number> {
  return queryCount(
    db,
    `UPDATE id_files SET retired_at = now()
     WHERE retired_at IS NULL
       AND sealed_to < least(:before, now() - interval '31 days')`,
    { before: options.before },
  );
}
