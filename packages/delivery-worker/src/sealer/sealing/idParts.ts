import path from 'node:path';
import {
  DuckdbSession,
  listParameter,
  LocalPart,
  quoteLiteral,
  readIdFilesSql,
  writeIdFileSql,
} from '@millrace/lake';
import { Bucket } from '@millrace/schema';
import { deliveredIdsSql } from './sealingSql';

/** Writes the ids of what the session is about to deliver of a bucket. */
export async function writeIds(
  { duckdb, bucket }: { duckdb: DuckdbSession; bucket: Bucket },
  localFile: string,
): Promise<LocalPart> {
  await duckdb.run(writeIdFileSql(deliveredIdsSql(bucket.start)), [localFile]);
  return { localFile, rows: await countIds(duckdb, localFile) };
}

/** The ids of all shards in one file: a partition has one, whatever its size. */
export async function combineIds(
  { duckdb, folder }: { duckdb: DuckdbSession; folder: string },
  parts: LocalPart[],
): Promise<LocalPart | undefined> {
  if (parts.length <= 1) {
    return parts[0];
  }
  const localFile = path.join(folder, 'all.ids');
  const list = parts.map(part => quoteLiteral(part.localFile)).join();
  await duckdb.run(
    writeIdFileSql(`SELECT * FROM ${readIdFilesSql(`[${list}]`)}`),
    [localFile],
  );
  return { localFile, rows: await countIds(duckdb, localFile) };
}

async function countIds(duckdb: DuckdbSession, file: string): Promise<number> {
  const [{ rows }] = await duckdb.rows(
    `SELECT count(*) AS rows FROM ${readIdFilesSql()}`,
    [listParameter([file])],
  );
  return Number(rows);
}
