import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Knex } from 'knex';
import {
  DuckdbSession,
  LakeStore,
  Manifest,
  PartitionCounts,
  partitionPath,
  PublishedPartition,
  publishPartition,
} from '@millrace/lake';
import {
  beginSealing,
  classifyStagedFiles,
  commitPartition,
  FrozenBatch,
  SealingWork,
} from '@millrace/ledger';
import { Bucket, bucketEnd } from '@millrace/schema';
import { SealerError } from '../errors';
import { SealedEvents, sealEvents, SealStep } from './sealEvents';
import { TypeSchema } from './typeSchemas';

export type BucketStep =
  | SealStep
  | 'began'
  | 'published'
  | 'committed'
  | 'cleaned';

export interface SealBucketOptions {
  ledger: Knex;
  store: LakeStore;
  eventType: string;
  bucket: Bucket;
  /** Why the bucket may close; of a resumed sealing, the first decision. */
  decision: unknown;
  fencingToken: bigint;
  /** Throws when the lease is no longer ours. */
  assertLease(): Promise<void>;
  schemaOf(eventType: string): Promise<TypeSchema>;
  /** Opens DuckDB; not called for a bucket without events. */
  openDuckdb(): Promise<DuckdbSession>;
  tempDirectory: string;
  threads: number;
  clock(): Date;
  onStep(step: BucketStep): void | Promise<void>;
  /** Told when staged files that are no longer needed could not be deleted. */
  onLeftOver(error: unknown): void;
}

export interface SealedBucket {
  path: string;
  counts: PartitionCounts;
  /** An earlier attempt had published it already. */
  adopted: boolean;
}

/**
 * Seals one bucket that may close.
 *
 * The steps, and what a crash after each leaves:
 * 1. `beginSealing` freezes the staged set. After it, everything can be
 *    repeated from the same set.
 * 2. The events become a local file, which a crash orphans.
 * 3. `publishPartition` puts files and manifest into the lake. After it,
 *    readers of the lake see the partition; the next attempt adopts it.
 * 4. `commitPartition` makes it sealed in the ledger, together with the ids of
 *    its events and the consumption of its batches. After it, nothing is left
 *    to do but to delete staged files.
 *
 * Exactly once follows from: the set is frozen, the manifest is put if absent,
 * the commit is fenced. Between 3 and 4 no other bucket of the type may be
 * sealed, because the ids are not yet known to it: the caller resumes
 * unfinished buckets first.
 */
export async function sealBucket(
  options: SealBucketOptions,
): Promise<SealedBucket> {
  const { ledger, eventType, bucket, fencingToken, onStep } = options;
  const work = await beginSealing(ledger, {
    eventType,
    bucket,
    fencingToken,
    decision: options.decision,
  });
  await onStep('began');

  const schema = await options.schemaOf(eventType);
  const folder = path.join(options.tempDirectory, `seal-${randomUUID()}`);
  let duckdb: DuckdbSession | undefined;
  try {
    let events = nothing();
    if (work.stagedFiles.length > 0) {
      await mkdir(folder, { recursive: true });
      duckdb = await options.openDuckdb();
      events = await sealEvents({
        ledger,
        partitionId: work.partitionId,
        duckdb,
        schema,
        bucket,
        batches: work.stagedFiles,
        folder,
        threads: options.threads,
        onStep,
      });
    }
    await options.assertLease();
    const published = await publish(options, work, schema, events);
    await onStep('published');

    const { manifest } = published;
    await commitPartition(ledger, {
      partitionId: work.partitionId,
      fencingToken,
      counts: manifest.counts,
      files: manifest.files,
      manifest: {
        path: published.manifestKey,
        sha256: published.manifestSha256,
      },
      schemaVersion: manifest.schemaVersion,
      keys: events.keys,
      refusedAtSealing: events.refused,
      sealedAt: new Date(manifest.sealedAt),
    });
    await onStep('committed');

    await deleteConsumed(options, work.stagedFiles);
    await onStep('cleaned');
    return {
      path: pathOf(options, work),
      counts: manifest.counts,
      adopted: published.adopted,
    };
  } finally {
    duckdb?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a bucket's first revision lies in the lake. */
function pathOf(options: SealBucketOptions, work: SealingWork): string {
  return partitionPath(options.eventType, options.bucket, work.revision);
}

async function publish(
  options: SealBucketOptions,
  work: SealingWork,
  schema: TypeSchema,
  events: SealedEvents,
): Promise<PublishedPartition> {
  const { store, eventType, bucket } = options;
  const versions = new Set(
    work.stagedFiles.map(batch => batch.header.schemaVersion),
  );
  const manifest: Omit<Manifest, 'files'> = {
    formatVersion: 1,
    endpoint: eventType,
    eventType,
    bucket: {
      start: bucket.start.toISOString(),
      end: bucketEnd(bucket).toISOString(),
      seconds: bucket.seconds,
    },
    revision: work.revision,
    why: 'first delivery',
    schemaVersion: schema.version,
    schemaVersions: [...versions].sort((a, b) => a - b),
    counts: events.counts,
    keySums: events.keySums,
    minReceivedAt: events.minReceivedAt,
    maxReceivedAt: events.maxReceivedAt,
    minTime: events.minTime,
    maxTime: events.maxTime,
    sealedAt: options.clock().toISOString(),
    decision: options.decision,
    inputs: {
      batches: work.stagedFiles.length,
      digest: digestOf(work.stagedFiles),
    },
  };
  const published = await publishPartition(store, {
    path: pathOf(options, work),
    files: events.parts,
    manifest,
  });
  if (!isDeepStrictEqual(published.manifest.counts, events.counts)) {
    // The ids about to be committed would not be those in the files.
    throw new SealerError(
      'published_partition_differs',
      `${pathOf(
        options,
        work,
      )} was published by an earlier attempt with ${JSON.stringify(
        published.manifest.counts,
      )}, but its staged files now give ${JSON.stringify(events.counts)}`,
    );
  }
  return published;
}

/** Equal for equal sets of batches, in whatever order and wherever they lie. */
function digestOf(batches: FrozenBatch[]): string {
  const lines = batches.map(({ header }) =>
    JSON.stringify([
      header.gateway,
      header.epoch,
      header.eventType,
      header.schemaVersion,
      header.bucket.start.toISOString(),
      header.batch,
      header.events,
      header.bytes,
    ]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/**
 * Deletes the staged files that no unsealed partition needs. Only tidiness: a
 * file that stays is found by whoever sweeps the staging folder.
 */
async function deleteConsumed(
  options: SealBucketOptions,
  batches: FrozenBatch[],
): Promise<void> {
  const paths = [...new Set(batches.map(batch => batch.path))];
  if (paths.length === 0) {
    return;
  }
  try {
    const uses = await classifyStagedFiles(options.ledger, { paths });
    const consumed = paths.filter(file => uses.get(file) === 'consumed');
    await Promise.all(consumed.map(file => unlink(file)));
  } catch (error) {
    options.onLeftOver(error);
  }
}

function nothing(): SealedEvents {
  return {
    counts: {
      accepted: 0,
      delivered: 0,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    },
    keySums: { accepted: '0', delivered: '0', duplicates: '0', refused: '0' },
    parts: [],
    refused: [],
    keys: (async function* none() {})(),
  };
}
