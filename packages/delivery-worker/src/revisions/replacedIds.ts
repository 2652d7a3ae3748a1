import path from 'node:path';
import {
  CountingIdFile,
  DuckdbSession,
  LakeStore,
  openableFile,
  quoteLiteral,
  readCountingIdsSql,
} from '@millrace/lake';
import { IdFile, listIdFiles, ReplacedIds } from '@millrace/ledger';
import { Knex } from 'knex';

export interface LookForIdsOptions {
  ledger: Knex;
  store: LakeStore;
  duckdb: DuckdbSession;
  eventType: string;
  /** For copies of id files, where the lake has no local ones. */
  idFolder: string;
}

/**
 * In which files that count the ids of buckets lie, and how many in each: a
 * partition's own, until it is merged. Reads one column, which is next to nothing
 * in a file of few buckets.
 */
export async function findReplacedIds(
  options: LookForIdsOptions & { bucketStarts: Date[] },
): Promise<ReplacedIds[]> {
  const { duckdb, bucketStarts } = options;
  const starts = bucketStarts.map(startSql).join();
  const found: ReplacedIds[] = [];
  for (const { idFileId, ...file } of await openIdFiles(options)) {
    const rows = await duckdb.rows(
      `SELECT bucket_start, count(*) AS rows
       FROM ${readCountingIdsSql([file])}
       WHERE bucket_start IN (${starts}) GROUP BY bucket_start`,
    );
    found.push(
      ...rows.map(row => ({
        idFileId,
        bucketStart: new Date(String(row.bucket_start)),
        rows: Number(row.rows),
      })),
    );
  }
  return found;
}

/** Whether an id file holds only ids that a bucket has now. */
export async function holdsNothingNew(
  options: LookForIdsOptions & { bucketStart: Date; localFile: string },
): Promise<boolean> {
  const { duckdb, bucketStart, localFile } = options;
  const own = readCountingIdsSql([{ path: localFile, withoutBuckets: [] }]);
  const [{ fresh }] = await duckdb.rows(
    `SELECT count(*) AS fresh FROM ${own} AS own
     ANTI JOIN (
       SELECT event_key, content_hash
       FROM ${readCountingIdsSql(await openIdFiles(options))}
       WHERE bucket_start = ${startSql(bucketStart)}
     ) AS before USING (event_key, content_hash)`,
  );
  return fresh === 0;
}

async function openIdFiles(
  options: LookForIdsOptions,
): Promise<(CountingIdFile & Pick<IdFile, 'idFileId'>)[]> {
  const { ledger, store, eventType, idFolder } = options;
  const { files } = await listIdFiles(ledger, { eventType });
  const folder = path.join(idFolder, eventType);
  return Promise.all(
    files.map(async file => ({
      idFileId: file.idFileId,
      path: await openableFile(store, file.path, folder),
      withoutBuckets: file.withoutBuckets,
    })),
  );
}

function startSql(start: Date): string {
  return `${quoteLiteral(start.toISOString())}::TIMESTAMPTZ`;
}
