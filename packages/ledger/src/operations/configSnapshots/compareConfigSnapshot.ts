import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { ConfigSnapshot } from '../../types';

/**
 * How the snapshot that somebody runs stands to those of the ledger.
 *
 * - `current`: it is the newest.
 * - `outdated`: there is a newer one that follows it, or one of another lineage.
 * - `unknown`: it is of this lineage, and the ledger does not have it. The
 *   ledger was restored from a backup, or is a replica that lags.
 * - `none`: the ledger has no snapshot.
 *
 * @public
 */
export type SnapshotStanding = 'current' | 'outdated' | 'unknown' | 'none';

/**
 * Compares the snapshot that a reader runs, if it has one, with the newest.
 * Cheap enough to poll: it reads no content.
 *
 * @public
 */
export async function compareConfigSnapshot(
  db: Knex,
  running:
    | Pick<ConfigSnapshot, 'generation' | 'lineage' | 'integrity'>
    | undefined,
): Promise<SnapshotStanding> {
  const [newest] = await queryRows<{
    generation: number;
    lineage: string | null;
    hasRunning: boolean;
  }>(
    db,
    `SELECT generation, lineage, EXISTS (
       SELECT FROM config_snapshots
       WHERE generation = :generation
         AND (:contentHash::text IS NULL OR content_hash = :contentHash)
     ) AS "hasRunning"
     FROM config_snapshots ORDER BY generation DESC LIMIT 1`,
    {
      generation: running?.generation ?? 0,
      contentHash: running?.integrity?.contentHash ?? null,
    },
  );
  if (!newest) {
    return running ? 'unknown' : 'none';
  }
  // One of an earlier release names no lineage; what has one replaces it.
  if (!running || (newest.lineage ?? undefined) !== running.lineage) {
    return 'outdated';
  }
  if (!newest.hasRunning || newest.generation < running.generation) {
    return 'unknown';
  }
  return newest.generation === running.generation ? 'current' : 'outdated';
}
