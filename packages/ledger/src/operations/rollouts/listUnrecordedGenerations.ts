import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The oldest generations whose changes are not kept yet, oldest first; none of
 * those more than `reach` before the newest, which nobody will ask about.
 *
 * @public
 */
export async function listUnrecordedGenerations(
  db: Knex,
  options: { reach: number; limit: number },
): Promise<number[]> {
  const rows = await queryRows<{ generation: number }>(
    db,
    `SELECT generation FROM config_snapshots
     WHERE generation > greatest(
       (SELECT coalesce(max(generation), 0) FROM rollouts),
       (SELECT coalesce(max(generation), 0) FROM config_snapshots) - :reach)
     ORDER BY generation LIMIT :limit`,
    { reach: options.reach, limit: options.limit },
  );
  return rows.map(({ generation }) => generation);
}
