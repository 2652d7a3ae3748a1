import { createDuckdb, DuckdbSession, listParameter } from '../duckdb';
import { LakeStore } from '../store';
import { readCountingIdsSql } from './idFiles';
import { openableFile } from './openableFile';

/** @public */
export interface FindEventKeysOptions {
  /** Id files in the lake: their keys, and whose ids in them do not count. */
  idFiles: { path: string; withoutBuckets?: string[] }[];
  /** In UUID form. */
  eventKeys: string[];
  /** For copies, where the lake has no local files. */
  folder: string;
  /** An open DuckDB to use; otherwise one is opened for this call (20 ms). */
  duckdb?: DuckdbSession;
}

/**
 * Of event keys, those that are in one of the id files.
 *
 * For a few hundred keys at a time: they are looked for in the row groups that
 * may hold them.
 *
 * @throws LakeError with code `not_found` when a file was removed meanwhile:
 * then another one holds its ids, and the ledger's list says which
 * @public
 */
export async function findEventKeys(
  store: LakeStore,
  options: FindEventKeysOptions,
): Promise<Set<string>> {
  const { idFiles, eventKeys, folder } = options;
  if (idFiles.length === 0 || eventKeys.length === 0) {
    return new Set();
  }
  const files = await Promise.all(
    idFiles.map(async ({ path, withoutBuckets = [] }) => ({
      path: await openableFile(store, path, folder),
      withoutBuckets,
    })),
  );
  const own = options.duckdb
    ? undefined
    : await createDuckdb({ memoryLimit: '256MB', threads: 1 });
  try {
    const rows = await (options.duckdb ?? own!).rows(
      `SELECT DISTINCT event_key::VARCHAR AS event_key
       FROM ${readCountingIdsSql(files)}
       WHERE event_key IN (SELECT unnest(CAST($1 AS UUID[])))`,
      [listParameter(eventKeys)],
    );
    return new Set(rows.map(row => String(row.event_key)));
  } finally {
    own?.close();
  }
}
