import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { assertFencingToken } from '../leases/assertFencingToken';
import { mergeIdsResource } from './mergeIdsResource';

/** @public */
export interface ReplaceIdFilesOptions {
  eventType: string;
  /** Of the lease on `merge-ids:<eventType>`. */
  fencingToken: bigint;
  /** `idFileId` of the sources. */
  sources: string[];
  merged: {
    level: number;
    path: string;
    rows: number;
    bytes: number;
    sha256: string;
  };
}

/**
 * Puts a merged id file in the place of its sources.
 *
 * Guarantees, in one transaction: under a stale fencing token nothing happens
 * and {@link FencingError} is thrown; every source still counts and the merged
 * file has as many ids as they have together, else `id_files_changed`. At no
 * instant is an id in no file that counts, or in two. The sources stay in the
 * lake for a while: who has read the list before may still be reading them.
 *
 * @public
 */
export async function replaceIdFiles(
  db: Knex,
  options: ReplaceIdFilesOptions,
): Promise<void> {
  const { eventType, fencingToken, sources, merged } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: mergeIdsResource(eventType),
      fencingToken,
    });
    const [span] = await queryRows<{ from: Date; to: Date; rows: string }>(
      tx,
      `SELECT min(sealed_from) AS "from", max(sealed_to) AS "to",
         coalesce(sum(rows), 0) AS rows
       FROM id_files
       WHERE event_type = :eventType AND retired_at IS NULL
         AND id_file_id = ANY (:sources::bigint[])`,
      { eventType, sources },
    );
    const retired = await queryCount(
      tx,
      `UPDATE id_files SET retired_at = now()
       WHERE event_type = :eventType AND retired_at IS NULL
         AND id_file_id = ANY (:sources::bigint[])`,
      { eventType, sources },
    );
    if (retired !== sources.length || Number(span.rows) !== merged.rows) {
      throw new LedgerError(
        'id_files_changed',
        `Of ${sources.length} id files of ${eventType} that were merged into ${merged.rows} ids, ${retired} with ${span.rows} ids still count`,
      );
    }
    await tx.raw(
      `INSERT INTO id_files (event_type, level, path, rows, bytes, sha256,
         sealed_from, sealed_to)
       VALUES (:eventType, :level, :path, :rows, :bytes, :sha256, :from, :to)`,
      { ...merged, eventType, from: span.from, to: span.to },
    );
  });
}
