import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  createDuckdb,
  openLakeStore,
  partitionPath,
  publishPartition,
  writeIdFileSql,
} from '@millrace/lake';
import {
  beginSealing,
  type Bucket,
  claimLease,
  commitPartition,
  listIdFiles,
  recordStagedBatches,
  sealResource,
} from '@millrace/ledger';
import type { Knex } from 'knex';

const DECISION = { rule: 'every-gateway-declared', inputs: [{ gateway: 'g' }] };

/** Stages a batch of events, as the consumer does. */
export async function stageEvents(
  ledger: Knex,
  options: { eventType: string; bucket: Bucket; events: number },
): Promise<void> {
  const { eventType, bucket, events } = options;
  const { recorded } = await recordStagedBatches(ledger, {
    batches: [
      {
        header: {
          gateway: 'gateway-1',
          epoch: randomUUID(),
          eventType,
          schemaVersion: 1,
          bucket,
          batch: 1,
          events,
          bytes: 10 * events,
        },
        stagedFile: path.join(os.tmpdir(), `${randomUUID()}.ndjson.zst`),
        offsetBytes: 0,
        lengthBytes: 10,
        publishedAt: new Date(bucket.start.getTime() + 1000),
        messageId: randomUUID(),
      },
    ],
    now: new Date(bucket.start.getTime() + 2000),
  });
  expect(recorded).toBe(1);
}

/** Freezes a bucket, as the sealer does before it writes anything. */
export async function freezeBucket(
  ledger: Knex,
  options: { eventType: string; bucket: Bucket },
) {
  const { eventType, bucket } = options;
  const lease = await claimLease(ledger, {
    resource: sealResource(eventType),
    holder: 'test',
    leaseMs: 60_000,
  });
  const { fencingToken } = lease!;
  const work = await beginSealing(ledger, {
    eventType,
    bucket,
    fencingToken,
    decision: DECISION,
  });
  return { ...work, fencingToken };
}

/** Seals a bucket with rows 1 to `delivered`, into a real Parquet file. */
export async function sealPartition(
  ledger: Knex,
  lakeRoot: string,
  options: {
    eventType: string;
    bucket: Bucket;
    delivered: number;
    duplicates?: number;
    latenessMs: number;
  },
): Promise<void> {
  const { eventType, bucket, delivered, duplicates = 0 } = options;
  const counts = {
    accepted: delivered + duplicates,
    delivered,
    duplicates,
    refused: 0,
    conflicts: 0,
    skewed: 0,
  };
  if (counts.accepted > 0) {
    await stageEvents(ledger, { eventType, bucket, events: counts.accepted });
  }
  const work = await freezeBucket(ledger, { eventType, bucket });
  const end = new Date(bucket.start.getTime() + bucket.seconds * 1000);
  const sealedAt = new Date(end.getTime() + options.latenessMs);

  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-part-'));
  const localFile = path.join(dir, 'part.parquet');
  const idFile = path.join(dir, 'part.ids');
  const duckdb = await createDuckdb();
  try {
    await duckdb.run(
      `COPY (SELECT 'id-' || n AS _id, TIMESTAMPTZ '${bucket.start.toISOString()}'
           AS _received_at, n::BIGINT AS n
         FROM range(1, ${delivered + 1}) AS r(n))
       TO '${localFile}' (FORMAT parquet)`,
    );
    await duckdb.run(
      writeIdFileSql(
        `SELECT md5('/test' || chr(10) || _id)::UUID AS event_key,
           md5(n::VARCHAR)::UUID AS content_hash,
           TIMESTAMPTZ '${bucket.start.toISOString()}' AS bucket_start
         FROM read_parquet('${localFile}')`,
      ),
      [idFile],
    );
    const { seenThrough } = await listIdFiles(ledger, { eventType });
    const published = await publishPartition(await openLakeStore(lakeRoot), {
      path: partitionPath(eventType, bucket, work.revision),
      files: delivered > 0 ? [{ localFile, rows: delivered }] : [],
      ids: delivered > 0 ? { localFile: idFile, rows: delivered } : undefined,
      manifest: {
        formatVersion: 1,
        endpoint: eventType,
        eventType,
        bucket: {
          start: bucket.start.toISOString(),
          end: end.toISOString(),
          seconds: bucket.seconds,
        },
        revision: work.revision,
        why: 'sealed',
        schemaVersion: 1,
        schemaVersions: [1],
        counts,
        sealedAt: sealedAt.toISOString(),
        decision: DECISION,
        inputs: {
          batches: work.stagedFiles.length,
          digest: createHash('sha256').update(eventType).digest('hex'),
        },
      },
    });
    const { ids } = published.manifest;
    await commitPartition(ledger, {
      partitionId: work.partitionId,
      fencingToken: work.fencingToken,
      counts,
      files: published.manifest.files,
      manifest: {
        path: published.manifestKey,
        sha256: published.manifestSha256,
      },
      schemaVersion: 1,
      ids: ids && {
        ...ids,
        path: `${path.posix.dirname(published.manifestKey)}/${ids.name}`,
        seenThrough,
      },
      refusedAtSealing: [],
      sealedAt,
    });
  } finally {
    duckdb.close();
    await fs.rm(dir, { recursive: true });
  }
}
