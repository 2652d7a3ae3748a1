import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  createDuckdb,
  LocalLakeStore,
  partitionPath,
  publishPartition,
  readManifest,
} from '@millrace/lake';
import type { Bucket } from '@millrace/ledger';
import type { Knex } from 'knex';

/** Seals revision 2 of a bucket that has revision 1, with rows 1 to `rows`. */
export async function revisePartition(
  ledger: Knex,
  lakeRoot: string,
  options: { eventType: string; bucket: Bucket; rows: number },
): Promise<void> {
  const { eventType, bucket, rows } = options;
  const store = await LocalLakeStore.open({ root: lakeRoot });
  const first = await readManifest(store, partitionPath(eventType, bucket, 1));
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-part-'));
  const localFile = path.join(dir, 'part.parquet');
  const duckdb = await createDuckdb();
  try {
    await duckdb.run(
      `COPY (SELECT 'new-' || n AS _id, n::BIGINT AS n
         FROM range(1, ${rows + 1}) AS r(n))
       TO '${localFile}' (FORMAT parquet)`,
    );
    const published = await publishPartition(store, {
      path: partitionPath(eventType, bucket, 2),
      files: [{ localFile, rows }],
      manifest: {
        ...first!,
        revision: 2,
        why: 'corrected',
        counts: {
          accepted: rows,
          delivered: rows,
          duplicates: 0,
          refused: 0,
          conflicts: 0,
          skewed: 0,
        },
      },
    });
    await ledger.transaction(async tx => {
      const where = { event_type: eventType, bucket_start: bucket.start };
      const [before] = await tx('partitions').where(where);
      await tx('partitions').where(where).update({ superseded_at: new Date() });
      const columns = { ...before };
      for (const own of [
        'partition_id',
        'superseded_at',
        // Its place in the order of commits.
        'commit_order',
        'ids_order',
        'commit_seq',
      ]) {
        delete columns[own];
      }
      const [{ partition_id }] = await tx('partitions')
        .insert({
          ...columns,
          decision: JSON.stringify(columns.decision),
          revision: 2,
          accepted: rows,
          delivered: rows,
          duplicates: 0,
          manifest_path: published.manifestKey,
          manifest_sha256: published.manifestSha256,
        })
        .returning('partition_id');
      for (const file of published.manifest.files) {
        await tx('partition_files').insert({ partition_id, ...file });
      }
    });
  } finally {
    duckdb.close();
    await fs.rm(dir, { recursive: true });
  }
}
