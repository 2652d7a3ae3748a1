import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  CountingIdFile,
  createDuckdb,
  Duckdb,
  hashFile,
  inspectIdFileSql,
  LakeStore,
  listParameter,
  mergedIdFileKey,
  openableFile,
  placeHashed,
  readCountingIdsSql,
  writeIdFileSql,
} from '@millrace/lake';
import { IdFile, listIdFiles, replaceIdFiles } from '@millrace/ledger';
import { Knex } from 'knex';
import { SealerError } from '../errors';

export type MergeStep = 'merged' | 'placed' | 'replaced';

export interface MergeIdFilesOptions {
  ledger: Knex;
  store: LakeStore;
  eventType: string;
  /** Of the lease on `merge-ids:<eventType>`. */
  fencingToken: bigint;
  /** Exists; whatever is written there may be removed. */
  folder: string;
  fanIn: number;
  /** Larger files stay as they are. */
  maxRows: number;
  /** Files of this level stay as they are. */
  maxLevel: number;
  onStep?: (step: MergeStep) => void | Promise<void>;
}

/** A merge must leave memory and a core to sealing; it spills. */
const DUCKDB = { memoryLimit: '384MB', threads: 1 };

/**
 * Merges id files of an event type until there are fewer than `fanIn` of each
 * level.
 *
 * The steps of one merge, and what a crash after each leaves:
 * 1. The merged file is written locally and compared with its sources: orphaned.
 * 2. It is put into the lake under a name of this lease: a file that the ledger
 *    does not know, which a later holder of the lease sweeps.
 * 3. `replaceIdFiles` lets it count instead of its sources, in one transaction.
 *
 * Ids of partitions that a revision has replaced are left out. When one is replaced
 * while a merge is under way, its sources no longer have as many ids as the merged
 * file, and the ledger refuses it.
 *
 * Sources are read in whole and checked against their hashes: a damaged one is
 * an error and stays, never the reason why ids are forgotten.
 *
 * @returns how many files were replaced
 * @throws SealerError with code `id_file_damaged`
 */
export async function mergeIdFiles(
  options: MergeIdFilesOptions,
): Promise<number> {
  const { ledger, eventType, folder } = options;
  const duckdb = await createDuckdb({
    ...DUCKDB,
    tempDirectory: path.join(folder, 'duckdb'),
  });
  let merged = 0;
  try {
    for (;;) {
      const { files } = await listIdFiles(ledger, { eventType });
      const sources = chooseSources(files, options);
      if (!sources) {
        return merged;
      }
      await mergeOnce(options, duckdb, sources);
      merged += sources.length;
    }
  } finally {
    duckdb.close();
  }
}

/** The oldest files of the lowest level that has enough of them. */
export function chooseSources(
  files: IdFile[],
  bounds: { fanIn: number; maxRows: number; maxLevel: number },
): IdFile[] | undefined {
  for (let level = 0; level < bounds.maxLevel; level++) {
    const ofLevel = files.filter(
      file => file.level === level && file.rows <= bounds.maxRows,
    );
    if (ofLevel.length >= bounds.fanIn) {
      return ofLevel
        .sort((a, b) => (BigInt(a.idFileId) < BigInt(b.idFileId) ? -1 : 1))
        .slice(0, bounds.fanIn);
    }
  }
  return undefined;
}

async function mergeOnce(
  options: MergeIdFilesOptions,
  duckdb: Duckdb,
  sources: IdFile[],
): Promise<void> {
  const { ledger, store, eventType, fencingToken, folder } = options;
  const files: CountingIdFile[] = [];
  for (const source of sources) {
    const file = await openableFile(store, source.path, folder);
    const { sha256 } = await hashFile(file);
    if (sha256 !== source.sha256) {
      throw new SealerError(
        'id_file_damaged',
        `The id file ${source.path} is not the one that was written; restore it from a copy`,
      );
    }
    files.push({ path: file, withoutBuckets: source.withoutBuckets });
  }
  const localFile = path.join(folder, 'merged.ids');
  const counting = readCountingIdsSql(files);
  await duckdb.run(writeIdFileSql(`SELECT * FROM ${counting}`), [localFile]);
  const [before] = await duckdb.rows(inspectIdFileSql(counting));
  const [after] = await duckdb.rows(inspectIdFileSql(), [
    listParameter([localFile]),
  ]);
  if (!isDeepStrictEqual(before, after)) {
    throw new SealerError(
      'id_file_damaged',
      `Id files of ${eventType} with ${before.rows} ids were merged into one with ${after.rows}`,
    );
  }
  await options.onStep?.('merged');

  const { sha256, bytes } = await hashFile(localFile);
  const key = mergedIdFileKey(eventType, { fencingToken, sha256 });
  await placeHashed(store, key, localFile, sha256);
  await rm(localFile);
  await options.onStep?.('placed');

  await replaceIdFiles(ledger, {
    eventType,
    fencingToken,
    sources: sources.map(({ idFileId }) => idFileId),
    merged: {
      level: sources[0].level + 1,
      path: key,
      rows: Number(after.rows),
      bytes,
      sha256,
    },
  });
  await options.onStep?.('replaced');
}
