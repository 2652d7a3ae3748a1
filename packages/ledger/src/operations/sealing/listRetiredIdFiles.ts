import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Id files that have not counted for so long, by the database's clock, that
 * nobody reads them any more.
 *
 * @public
 */
export async function listRetiredIdFiles(
  db: Knex,
  options: { retiredForMs: number; limit: number },
): Promise<{ idFileId: string; path: string }[]> {
  return queryRows(
    db,
    `SELECT id_file_id::text AS "idFileId", path FROM id_files
     WHERE retired_at < now() - :retiredForMs * interval '1 millisecond'
     ORDER BY retired_at LIMIT :limit`,
    options,
  );
}
