import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export type StagedFileUse =
  /** No batch in the ledger lies in it. */
  | 'unknown'
  /** It holds batches that are not in a sealed partition yet. */
  | 'needed'
  /** All its batches are sealed. */
  | 'consumed';

/**
 * Says for each staged file whether it may be deleted. `unknown` may also mean
 * "not recorded yet": only an old unknown file is a left-over.
 *
 * @public
 */
export async function classifyStagedFiles(
  db: Knex,
  options: { paths: string[] },
): Promise<Map<string, StagedFileUse>> {
  const rows = await queryRows<{ path: string; use: StagedFileUse }>(
    db,
    `SELECT path, CASE
       WHEN count(s.staged_file) = 0 THEN 'unknown'
       WHEN count(s.staged_file) = count(s.consumed_at) THEN 'consumed'
       ELSE 'needed' END AS use
     FROM unnest(:paths::text[]) AS path
     LEFT JOIN staged_batches s ON s.staged_file = path
     GROUP BY path`,
    { paths: options.paths },
  );
  return new Map(rows.map(({ path, use }) => [path, use]));
}
