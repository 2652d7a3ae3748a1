import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/**
 * Forgets retired id files after they were removed from the lake.
 *
 * @public
 */
export async function forgetIdFiles(
  db: Knex,
  options: { idFileIds: string[] },
): Promise<void> {
  await queryCount(
    db,
    `DELETE FROM id_files
     WHERE id_file_id = ANY (:idFileIds::bigint[]) AND retired_at IS NOT NULL`,
    { idFileIds: options.idFileIds },
  );
}
