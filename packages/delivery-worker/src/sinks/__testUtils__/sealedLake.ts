import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createDuckdb,
  Duckdb,
  LakeStore,
  partitionPath,
  publishPartition,
} from '@millrace/lake';
import { Bucket } from '@millrace/schema';
import { Knex } from 'knex';

/*
 * Sealed revisions as sinks find them: rows in the ledger, and a manifest and
 * Parquet files in a lake.
 */

export interface SealedLake {
  /** Seals the next revision of a bucket, with rows 1 to `rows`. */
  seal(options: {
    eventType: string;
    bucket: Bucket;
    rows: number;
  }): Promise<void>;
  /** Rows in Parquet bytes. */
  countRows(parquet: Buffer): Promise<number>;
  close(): Promise<void>;
}

export async function createSealedLake(
  db: Knex,
  store: LakeStore,
): Promise<SealedLake> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sealed-'));
  const duckdb: Duckdb = await createDuckdb({
    memoryLimit: '256MB',
    threads: 1,
  });

  return {
    async seal({ eventType, bucket, rows }) {
      const end = new Date(bucket.start.getTime() + bucket.seconds * 1000);
      const { rows: before } = await db.raw(
        `SELECT coalesce(max(revision), 0) AS revision FROM partitions
         WHERE event_type = ? AND bucket_start = ?`,
        [eventType, bucket.start],
      );
      const revision = before[0].revision + 1;
      const localFile = path.join(folder, `${randomUUID()}.parquet`);
      await duckdb.run(
        `COPY (SELECT 'id-' || n AS _id, n::BIGINT AS n
           FROM range(1, ${rows + 1}) AS r(n))
         TO '${localFile}' (FORMAT parquet)`,
      );
      const counts = {
        accepted: rows,
        delivered: rows,
        duplicates: 0,
        refused: 0,
        conflicts: 0,
        skewed: 0,
      };
      const published = await publishPartition(store, {
        path: partitionPath(eventType, bucket, revision),
        files: rows > 0 ? [{ localFile, rows }] : [],
        manifest: {
          formatVersion: 1,
          endpoint: eventType,
          eventType,
          bucket: {
            start: bucket.start.toISOString(),
            end: end.toISOString(),
            seconds: bucket.seconds,
          },
          revision,
          why: 'test',
          schemaVersion: 1,
          schemaVersions: [1],
          counts,
          sealedAt: end.toISOString(),
          decision: {},
          inputs: { batches: 1, digest: 'a'.repeat(64) },
        },
      });
      await db.transaction(async tx => {
        await tx.raw(
          `UPDATE partitions SET superseded_at = now()
           WHERE event_type = ? AND bucket_start = ?`,
          [eventType, bucket.start],
        );
        const { rows: inserted } = await tx.raw(
          `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
             bucket_end, revision, state, decision, sealed_at, schema_version,
             accepted, delivered, manifest_path, manifest_sha256)
           VALUES (:eventType, :start, :seconds, :end, :revision, 'sealing',
             '{}', :end, 1, :rows, :rows, :manifestPath, :sha256)
           RETURNING partition_id AS id`,
          {
            eventType,
            start: bucket.start,
            seconds: bucket.seconds,
            end,
            revision,
            rows,
            manifestPath: published.manifestKey,
            sha256: published.manifestSha256,
          },
        );
        for (const file of published.manifest.files) {
          await tx('partition_files').insert({
            partition_id: inserted[0].id,
            ...file,
          });
        }
        await tx.raw(
          `UPDATE partitions SET state = 'sealed' WHERE partition_id = ?`,
          [inserted[0].id],
        );
      });
    },
    async countRows(parquet) {
      const file = path.join(folder, `${randomUUID()}.parquet`);
      await writeFile(file, parquet);
      const [{ n }] = await duckdb.rows(
        'SELECT count(*) AS n FROM read_parquet($1)',
        [file],
      );
      return Number(n);
    },
    async close() {
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
