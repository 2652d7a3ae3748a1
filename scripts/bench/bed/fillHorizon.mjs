import fs from 'node:fs';
import path from 'node:path';
import { lake, ledger } from './rooms.mjs';

const OWN_SQL = `
  SELECT md5(source || chr(10) || id)::UUID, md5(data)::UUID,
    TIMESTAMPTZ '2026-01-01 00:00:00Z'
  FROM (SELECT unnest($2::VARCHAR[]) AS source, unnest($3::VARCHAR[]) AS id,
    unnest($4::VARCHAR[]) AS data)`;

const columnsOf = events =>
  ['source', 'id', 'data'].map(key =>
    lake.listParameter(events.map(event => event[key])),
  );

/**
 * Puts ids of long sealed events into the lake and the ledger, in merged files
 * as upkeep makes them.
 *
 * @param {object} options
 * @param {import('knex').Knex} options.db
 * @param {string} options.lakeRoot
 * @param {string} options.dir for files on their way
 * @param {string} options.eventType
 * @param {number} options.ids
 * @param {number} options.files
 * @param {{ id: string, source: string, data: string }[]} options.events whose
 *   ids are among them
 */
export async function fillHorizon({
  db,
  lakeRoot,
  dir,
  eventType,
  ids,
  files,
  events,
}) {
  const store = await lake.LocalLakeStore.open({ root: lakeRoot });
  const duckdb = await lake.createDuckdb({
    memoryLimit: '1GB',
    tempDirectory: path.join(dir, 'horizon'),
  });
  const sealedAt = new Date();
  const perFile = Math.floor(ids / files);
  try {
    for (let n = 0; n < files; n++) {
      const localFile = path.join(dir, `horizon-${n}.ids`);
      const own = n === 0 ? events : [];
      await duckdb.run(
        lake.writeIdFileSql(
          `SELECT md5('k${n}-' || range)::UUID AS event_key,
             md5('c${n}-' || range)::UUID AS content_hash,
             TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL (range % 12) HOUR
               AS bucket_start
           FROM range(${perFile - own.length})${
            own.length > 0 ? ` UNION ALL ${OWN_SQL}` : ''
          }`,
        ),
        [localFile, ...(own.length > 0 ? columnsOf(own) : [])],
      );
      const { sha256, bytes } = await lake.hashFile(localFile);
      const key = lake.mergedIdFileKey(eventType, { fencingToken: 1n, sha256 });
      await store.putIfAbsent(key, localFile);
      fs.rmSync(localFile);
      await db('id_files').insert({
        event_type: eventType,
        level: 3,
        path: key,
        rows: perFile,
        bytes,
        sha256,
        sealed_from: sealedAt,
        sealed_to: sealedAt,
      });
    }
  } finally {
    duckdb.close();
  }
  return ledger.listIdFiles(db, { eventType });
}
