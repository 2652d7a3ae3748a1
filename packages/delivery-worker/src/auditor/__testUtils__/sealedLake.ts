import { createHash } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDuckdb, PartitionCounts } from '@millrace/lake';
import {
  AuditFindingRecord,
  declareBucket,
  listAuditFindings,
} from '@millrace/ledger';
import { StoredEvent } from '@millrace/schema';
import { SIMPLE_SCHEMA } from '../../sealer/__testUtils__/schemas';
import { bucketAt, event, Workshop } from '../../sealer/__testUtils__/workshop';
import { createAuditor } from '../createAuditor';
import { AuditedManifest } from '../storedManifest';
import { Auditor, AuditorOptions } from '../types';

/*
 * A lake made by the real sealer, and the means to damage it: each in the way
 * that hides best from everybody but the check it is for.
 */

export const TYPE = 'shop.order';

/** A value that must never come out of the auditor. */
export const CANARY = 'canary-7f3a9';

/** The n-th event of a bucket, from a producer that numbers them from 1. */
export function numbered(bucket: number, n: number): StoredEvent {
  const minute = String(bucket).padStart(2, '0');
  return event(
    `${CANARY}-${bucket}-${n}`,
    { n },
    {
      source: `/${CANARY}`,
      receivedAt: `2026-01-10T12:${minute}:00.${n}00Z`,
      producer: 'till-1',
      epoch: 'e1',
      sequence: bucket * 10 + n,
    },
  );
}

/**
 * Seals so many buckets of five events each, in two batches, as gateway `g`
 * declared them.
 */
export async function seal(shop: Workshop, buckets: number): Promise<void> {
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    await shop.stage({
      bucket: bucketAt(bucket),
      batch: 1,
      events: [1, 2, 3].map(n => numbered(bucket, n)),
    });
    await shop.stage({
      bucket: bucketAt(bucket),
      batch: 2,
      events: [4, 5].map(n => numbered(bucket, n)),
    });
    await declare(shop, bucket, 2, 5);
  }
  const run = await shop.sealer().runOnce();
  expect(run).toMatchObject({ sealed: buckets, failed: 0 });
}

/** The word of gateway `g`, with the number of events it is about. */
export async function declare(
  shop: Workshop,
  bucket: number,
  lastBatch: number,
  events: number,
): Promise<void> {
  await declareBucket(shop.db, {
    gateway: 'g',
    epoch: '1',
    bucket: bucketAt(bucket),
    counts: [{ eventType: TYPE, lastBatch, abandonedBatches: [], events }],
  });
}

export function auditorOf(
  shop: Workshop,
  overrides: Partial<AuditorOptions> = {},
): Auditor {
  const workerId = overrides.workerId ?? 'w';
  const log = (message: string, meta?: unknown) => {
    shop.logs.push(`${message} ${JSON.stringify(meta)}`);
  };
  return createAuditor({
    ledger: shop.db,
    lake: shop.store,
    workerId,
    tempDirectory: path.join(shop.folder, `auditor-${workerId}`),
    logger: { info: log, warn: log, error: log },
    clock: () => shop.now,
    readBytesPerSecond: 1e12,
    random: () => 0.3,
    ...overrides,
  });
}

/** One run of an auditor of its own, which must not fail. */
export async function audit(shop: Workshop): Promise<void> {
  const auditor = auditorOf(shop);
  try {
    expect(await auditor.runOnce()).toMatchObject({ failed: 0 });
  } finally {
    await auditor.close();
  }
}

/** Makes everything due again. */
export function nextCycle(shop: Workshop): void {
  shop.now = new Date(shop.now.getTime() + 8 * 24 * 60 * 60_000);
}

export async function unresolved(
  shop: Workshop,
): Promise<AuditFindingRecord[]> {
  return listAuditFindings(shop.db, {
    states: ['open', 'acknowledged'],
    limit: 1000,
  });
}

/** Codes of what is not resolved, each once, by name. */
export async function codesOf(shop: Workshop): Promise<string[]> {
  const codes = (await unresolved(shop)).map(({ code }) => code);
  return [...new Set(codes)].sort();
}

export async function manifestOf(
  shop: Workshop,
  bucket: number,
): Promise<AuditedManifest> {
  const bytes = await shop.store.get(`${shop.pathOf(bucket)}/manifest.json`);
  return JSON.parse(bytes.toString('utf8'));
}

/** The path of a file in a partition's folder. */
export function fileIn(shop: Workshop, bucket: number, name: string): string {
  return path.join(shop.folder, 'lake', shop.pathOf(bucket), name);
}

export async function partOf(shop: Workshop, bucket: number): Promise<string> {
  const { files } = await manifestOf(shop, bucket);
  return fileIn(shop, bucket, files[0].name);
}

/** Puts other bytes where a file is; files of the lake are read-only. */
export async function overwrite(file: string, bytes: Buffer): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, bytes);
}

export async function flipByte(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] ^= 0x40;
  await overwrite(file, bytes);
}

/**
 * Makes other rows the content of a partition, and makes everything fit: the
 * file's name and hash, the manifest, and, unless told otherwise, what the
 * ledger knows of them. `PART` in the statement is the present content.
 */
export async function rewriteRows(
  shop: Workshop,
  bucket: number,
  select: string,
  options: { counts?: Partial<PartitionCounts>; ledger?: boolean } = {},
): Promise<void> {
  const manifest = await manifestOf(shop, bucket);
  const part = await partOf(shop, bucket);
  const local = path.join(shop.folder, 'rewritten.parquet');
  const duckdb = await createDuckdb();
  const source = `read_parquet('${part}', hive_partitioning = false)`;
  await duckdb.run(
    `COPY (${select.replaceAll(
      'PART',
      source,
    )}) TO '${local}' (FORMAT parquet)`,
  );
  const [{ rows }] = await duckdb.rows(
    `SELECT count(*) AS rows FROM read_parquet('${local}')`,
  );
  duckdb.close();

  const bytes = await readFile(local);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const name = `part-00000-${sha256.slice(0, 16)}.parquet`;
  await rm(part);
  await copyFile(local, fileIn(shop, bucket, name));
  const file = { name, rows: Number(rows), bytes: bytes.length, sha256 };
  if (manifest.ids) {
    await rm(fileIn(shop, bucket, manifest.ids.name));
  }
  const text = Buffer.from(
    JSON.stringify({
      ...manifest,
      ids: undefined,
      counts: {
        ...manifest.counts,
        accepted: file.rows,
        delivered: file.rows,
        ...options.counts,
      },
      files: [file],
    }),
  );
  await overwrite(fileIn(shop, bucket, 'manifest.json'), text);
  if (options.ledger ?? true) {
    await rewriteLedger(shop, bucket, text);
  }
}

/** Puts a file of ids beside the rows, made of the rows by a statement. */
export async function writeIds(
  shop: Workshop,
  bucket: number,
  select: string,
): Promise<void> {
  const manifest = await manifestOf(shop, bucket);
  const part = await partOf(shop, bucket);
  const name = 'ids-planted.ids';
  const local = fileIn(shop, bucket, name);
  const duckdb = await createDuckdb();
  const source = `(SELECT md5(_source || chr(10) || _id)::UUID AS event_key, *
    FROM read_parquet('${part}', hive_partitioning = false))`;
  await duckdb.run(
    `COPY (SELECT event_key, event_key AS content_hash
       FROM (${select.replaceAll('PART', source)}))
     TO '${local}' (FORMAT parquet)`,
  );
  duckdb.close();
  const bytes = await readFile(local);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const ids = { name, rows: 5, bytes: bytes.length, sha256 };
  const text = Buffer.from(JSON.stringify({ ...manifest, ids }));
  await overwrite(fileIn(shop, bucket, 'manifest.json'), text);
  await rewriteLedger(shop, bucket, text);
}

/** Makes the ledger say what a manifest says. */
export async function rewriteLedger(
  shop: Workshop,
  bucket: number,
  manifest: Buffer,
): Promise<void> {
  const { counts, files }: AuditedManifest = JSON.parse(
    manifest.toString('utf8'),
  );
  const partition = { event_type: TYPE, bucket_start: bucketAt(bucket).start };
  const [{ partition_id: id }] = await shop
    .db('partitions')
    .where(partition)
    .update({
      ...counts,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      manifest_sha256: createHash('sha256').update(manifest).digest('hex'),
    })
    .returning('partition_id');
  await shop.db('partition_files').where({ partition_id: id }).delete();
  await shop
    .db('partition_files')
    .insert(files.map(file => ({ ...file, partition_id: id })));
}

/** Makes the recorded batches hold so many events less. */
export async function rewriteBatches(
  shop: Workshop,
  bucket: number,
  missing: number,
): Promise<void> {
  await shop
    .db('staged_batches')
    .where({
      event_type: TYPE,
      bucket_start: bucketAt(bucket).start,
      batch: 1,
    })
    .decrement('events', missing);
}
