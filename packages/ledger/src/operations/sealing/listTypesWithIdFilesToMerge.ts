import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The event types that have at least `fanIn` id files of one level, of those
 * levels and sizes that are merged at all.
 *
 * @public
 */
export async function listTypesWithIdFilesToMerge(
  db: Knex,
  options: { fanIn: number; maxRows: number; maxLevel: number },
): Promise<string[]> {
  const rows = await queryRows<{ eventType: string }>(
    db,
    `SELECT DISTINCT event_type AS "eventType" FROM (
       SELECT event_type FROM id_files
       WHERE retired_at IS NULL AND rows <= :maxRows AND level < :maxLevel
       GROUP BY event_type, level HAVING count(*) >= :fanIn
     ) AS t ORDER BY 1`,
    options,
  );
  return rows.map(({ eventType }) => eventType);
}
