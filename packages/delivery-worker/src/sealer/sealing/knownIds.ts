import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  DuckdbSession,
  LakeStore,
  listParameter,
  openableFile,
} from '@millrace/lake';
import {
  EventKey,
  findKnownEventKeys,
  hasEventIdsInLedger,
  LiveIdFiles,
} from '@millrace/ledger';
import { Knex } from 'knex';
import * as sql from './sealingSql';

/** Keys looked up in the ledger at a time. */
const KEYS_PER_LOOKUP = 50_000;

export interface KnownIdsOptions {
  ledger: Knex;
  store: LakeStore;
  duckdb: DuckdbSession;
  eventType: string;
  idFiles: LiveIdFiles;
  /** For copies of id files, where the lake has no local ones. */
  idFolder: string;
}

/**
 * Fills the table `known`: which of the staged keys earlier partitions hold,
 * with all contents known under each.
 *
 * Two places are asked: the id files, by one join, and the ledger, as long as
 * ids of an earlier release are there.
 */
export async function findKnownIds(options: KnownIdsOptions): Promise<void> {
  const { store, duckdb, idFiles, eventType } = options;
  await duckdb.run(sql.CREATE_KNOWN_SQL);
  const idFolder = path.join(options.idFolder, eventType);
  if (idFiles.files.length > 0) {
    const paths = await Promise.all(
      idFiles.files.map(file => openableFile(store, file.path, idFolder)),
    );
    await duckdb.run(sql.FIND_KNOWN_SQL, [listParameter(paths)]);
    await keepOnly(idFolder, paths);
  }
  await addIdsOfTheLedger(options);
}

/** Copies are kept for the next bucket; those of files merged since are not. */
async function keepOnly(folder: string, paths: string[]): Promise<void> {
  const kept = new Set(paths);
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(file)) {
      await rm(file, { force: true });
    }
  }
}

async function addIdsOfTheLedger(options: KnownIdsOptions): Promise<void> {
  const { ledger, duckdb, eventType } = options;
  if (!(await hasEventIdsInLedger(ledger, { eventType }))) {
    return;
  }
  const found: EventKey[] = [];
  const lookUp = async (eventKeys: string[]) => {
    const keys = eventKeys.map(eventKey => ({ eventKey, contentHash: '' }));
    for (const [eventKey, hashes] of await findKnownEventKeys(ledger, {
      eventType,
      keys,
    })) {
      for (const contentHash of hashes) {
        found.push({ eventKey, contentHash });
      }
    }
  };
  // What is known is kept until all keys are read: a session runs one statement
  // at a time. Normally it is a small part.
  let keys: string[] = [];
  for await (const [more] of duckdb.columns(sql.CANDIDATE_KEYS_SQL)) {
    keys = keys.concat(more.map(String));
    if (keys.length >= KEYS_PER_LOOKUP) {
      await lookUp(keys);
      keys = [];
    }
  }
  if (keys.length > 0) {
    await lookUp(keys);
  }
  for (let from = 0; from < found.length; from += KEYS_PER_LOOKUP) {
    const some = found.slice(from, from + KEYS_PER_LOOKUP);
    await duckdb.run(sql.INSERT_KNOWN_SQL, [
      listParameter(some.map(({ eventKey }) => eventKey)),
      listParameter(some.map(({ contentHash }) => contentHash)),
    ]);
  }
}
