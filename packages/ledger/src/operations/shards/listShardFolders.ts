import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The folders of shards that somebody still needs.
 *
 * @public
 */
export async function listShardFolders(db: Knex): Promise<string[]> {
  const rows = await queryRows<{ folder: string }>(
    db,
    'SELECT DISTINCT folder FROM seal_shards ORDER BY folder',
    {},
  );
  return rows.map(({ folder }) => folder);
}
