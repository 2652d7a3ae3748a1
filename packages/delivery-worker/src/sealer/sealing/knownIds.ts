import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  DuckdbSession,
  LakeStore,
  listParameter,
  openableFile,
  quoteLiteral,
  readCountingIdsSql,
} from '@millrace/lake';
import {
  EventKey,
  findKnownEventKeys,
  hasEventIdsInLedger,
  LiveIdFiles,
  readIdsOrder,
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
  /** Of a revision: what it does not have to be held against. */
  replaced?: ReplacedPartitions;
}

/** The partitions whose place the revisions of an operation take. */
export interface ReplacedPartitions {
  /** Starts of their buckets. */
  bucketStarts: Date[];
  /** Local id files of the revisions that the operation has made already. */
  madeBefore: string[];
}

/**
 * Fills the table `known`: which of the staged keys earlier partitions hold,
 * with all contents known under each.
 *
 * Two places are asked: the id files, by one join, and the ledger, as long as
 * ids of an earlier release are there.
 *
 * For a revision the ids of the partitions that are replaced are not known, those
 * of their successors are. And of the others some are left out that would only
 * mark a conflict: those of events that came after the one that is replaced, and
 * were marked because of it. So a revision from the same batches marks what was
 * marked before.
 */
export async function findKnownIds(options: KnownIdsOptions): Promise<void> {
  const { store, duckdb, idFiles, eventType } = options;
  await duckdb.run(sql.CREATE_KNOWN_SQL);
  const idFolder = path.join(options.idFolder, eventType);
  if (idFiles.files.length > 0) {
    const paths = await Promise.all(
      idFiles.files.map(file => openableFile(store, file.path, idFolder)),
    );
    await findInFiles(options, paths);
    await keepOnly(idFolder, paths);
  }
  await addIdsOfSiblings(options);
  await addIdsOfTheLedger(options);
}

async function findInFiles(
  options: KnownIdsOptions,
  paths: string[],
): Promise<void> {
  const { duckdb, idFiles, replaced } = options;
  const files = idFiles.files.map(({ withoutBuckets }, index) => ({
    path: paths[index],
    withoutBuckets,
  }));
  const isWhole = files.every(file => file.withoutBuckets.length === 0);
  await (isWhole
    ? duckdb.run(sql.FIND_KNOWN_SQL, [listParameter(paths)])
    : duckdb.run(insertKnownSql(readCountingIdsSql(files))));
  if (replaced) {
    await duckdb.run(takeReplacedSql(replaced.bucketStarts));
    await leaveOutLaterConflicts(options);
    await duckdb.run('DROP TABLE replaced');
  }
}

function insertKnownSql(source: string): string {
  return `
    INSERT INTO known
    SELECT event_key, content_hash, bucket_start FROM ${source}
    WHERE event_key IN (SELECT event_key FROM staged WHERE castable)`;
}

function takeReplacedSql(bucketStarts: Date[]): string {
  const starts = bucketStarts
    .map(start => `${quoteLiteral(start.toISOString())}::TIMESTAMPTZ`)
    .join();
  return `
    CREATE TEMP TABLE replaced AS
    SELECT event_key, bucket_start FROM known WHERE bucket_start IN (${starts});
    DELETE FROM known WHERE bucket_start IN (${starts})`;
}

/**
 * When the first of the events with an id is one that is replaced, all others
 * were marked as conflicts because of it, and none of them has to mark it now. An
 * id that tells a duplicate stays, whatever it marks.
 */
async function leaveOutLaterConflicts(options: KnownIdsOptions): Promise<void> {
  const { ledger, duckdb, eventType } = options;
  const rows = await duckdb.rows(`
    SELECT DISTINCT bucket_start
    FROM (
      SELECT event_key, bucket_start FROM known
      UNION ALL SELECT event_key, bucket_start FROM replaced
    )
    WHERE event_key IN (SELECT event_key FROM known)
      AND event_key IN (SELECT event_key FROM replaced)`);
  if (rows.length === 0) {
    return;
  }
  const starts = rows.map(row => new Date(String(row.bucket_start)));
  const orders = await readIdsOrder(ledger, {
    eventType,
    bucketStarts: starts,
  });
  const places = starts.flatMap(start => {
    const order = orders.get(start.getTime());
    return order === undefined
      ? []
      : [`(${quoteLiteral(start.toISOString())}::TIMESTAMPTZ, ${order})`];
  });
  if (places.length === 0) {
    return;
  }
  await duckdb.run(`
    WITH place (bucket_start, ids_order) AS (VALUES ${places.join()}),
    own AS (
      SELECT event_key, min(ids_order) AS first
      FROM replaced JOIN place USING (bucket_start) GROUP BY event_key
    ),
    other AS (
      -- One whose place is not known counts as the first.
      SELECT event_key, min(coalesce(ids_order, 0)) AS first
      FROM known LEFT JOIN place USING (bucket_start) GROUP BY event_key
    )
    DELETE FROM known k
    WHERE k.event_key IN (
        SELECT event_key FROM own JOIN other USING (event_key)
        WHERE own.first < other.first)
      AND NOT EXISTS (
        SELECT 1 FROM staged s WHERE s.castable
          AND s.event_key = k.event_key AND s.content_hash = k.content_hash)`);
}

async function addIdsOfSiblings(options: KnownIdsOptions): Promise<void> {
  const { duckdb, replaced } = options;
  if (replaced && replaced.madeBefore.length > 0) {
    await duckdb.run(sql.FIND_KNOWN_SQL, [listParameter(replaced.madeBefore)]);
  }
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
