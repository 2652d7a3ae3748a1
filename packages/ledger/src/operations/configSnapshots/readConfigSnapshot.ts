import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { ConfigSnapshot } from '../../types';

/**
 * The newest config snapshot, or `undefined` when there is none, or none newer
 * than the generation the caller already runs, or, with `eventType`, none that
 * has that type. Cheap enough to poll: without a
 * change, only a generation number is compared.
 *
 * @public
 */
export async function readConfigSnapshot(
  db: Knex,
  options: { newerThan?: number; eventType?: string } = {},
): Promise<ConfigSnapshot | undefined> {
  const [row] = await queryRows<{
    generation: number;
    createdAt: Date;
    content: Omit<ConfigSnapshot, 'generation' | 'createdAt'>;
  }>(
    db,
    `SELECT generation, created_at AS "createdAt", content
     FROM config_snapshots
     WHERE generation > :newerThan AND (
       :eventType::text IS NULL
       OR content->'eventTypes' @> jsonb_build_array(
         jsonb_build_object('name', :eventType::text))
     )
     ORDER BY generation DESC LIMIT 1`,
    {
      newerThan: options.newerThan ?? 0,
      eventType: options.eventType ?? null,
    },
  );
  return (
    row && {
      generation: row.generation,
      createdAt: row.createdAt.toISOString(),
      ...row.content,
    }
  );
}
