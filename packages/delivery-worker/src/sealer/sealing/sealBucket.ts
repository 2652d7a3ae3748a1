import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Knex } from 'knex';
import {
  DuckdbSession,
  hashFile,
  inspectIdFileSql,
  LakeStore,
  listParameter,
  mergedIdsFolder,
  openableFile,
  PartitionCounts,
  partitionPath,
  placeHashed,
  PublishedPartition,
  publishPartition,
} from '@millrace/lake';
import {
  beginPublishing,
  beginSealing,
  commitPartition,
  CommittedIds,
  SealingWork,
} from '@millrace/ledger';
import { Bucket } from '@millrace/schema';
import { SealerError } from '../errors';
import { manifestOf, nothingSealed } from './partitionManifest';
import { SealedEvents, sealEvents, SealStep } from './sealEvents';
import { TypeSchema } from './typeSchemas';

export type BucketStep =
  | SealStep
  | 'began'
  | 'marked'
  | 'published'
  | 'committed';

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
  shardBytes: number;
  schemaOf(eventType: string): Promise<TypeSchema>;
  /** Opens DuckDB; not called for a bucket without events. */
  openDuckdb(): Promise<DuckdbSession>;
  tempDirectory: string;
  threads: number;
  clock(): Date;
  onStep(step: BucketStep): void | Promise<void>;
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
 * 2. The events become local files, and their ids another one, which a crash
 *    orphans.
 * 3. `beginPublishing` marks the partition. Until it is sealed no other one of
 *    the type can be published, whoever seals it: its ids count only from 5 on,
 *    and the next one could deliver its events again.
 * 4. `publishPartition` puts files and manifest into the lake. After it,
 *    readers of the lake see the partition; the next attempt adopts it.
 * 5. `commitPartition` makes it sealed in the ledger, together with its id file
 *    and the consumption of its batches. After it, nothing is left to do; the
 *    staged files are kept for a while and removed by `stagedRetention`.
 *
 * Exactly once follows from: the set is frozen; the manifest is put if absent;
 * what is published is compared with ids that cannot have become more since; the
 * commit is fenced. The caller resumes unfinished buckets first, so that 3 does
 * not stand in its way.
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
    let events: SealedEvents | undefined;
    if (work.stagedFiles.length > 0) {
      await mkdir(folder, { recursive: true });
      duckdb = await options.openDuckdb();
      events = await sealEvents({
        ...options,
        partitionId: work.partitionId,
        duckdb,
        schema,
        batches: work.stagedFiles,
        folder,
        idFolder: path.join(options.tempDirectory, 'ids'),
      });
    }
    const { partitionId } = work;
    await options.assertLease();
    if (events) {
      // Without events there are no ids that others could miss.
      await beginPublishing(ledger, { partitionId, fencingToken });
      await onStep('marked');
    }
    const published = await publish(
      options,
      work,
      schema,
      events ?? nothingSealed(),
    );
    const ids =
      events && duckdb && (await idsOf(options, duckdb, published, events));
    await onStep('published');

    const { manifest } = published;
    await commitPartition(ledger, {
      partitionId,
      fencingToken,
      counts: manifest.counts,
      files: manifest.files,
      manifest: {
        path: published.manifestKey,
        sha256: published.manifestSha256,
      },
      schemaVersion: manifest.schemaVersion,
      ids,
      landings: events?.landings,
      refusedAtSealing: events?.refused ?? [],
      sealedAt: new Date(manifest.sealedAt),
    });
    await onStep('committed');
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
  const { store } = options;
  const manifest = manifestOf({
    ...options,
    revision: work.revision,
    why: 'first delivery',
    schema,
    batches: work.stagedFiles,
    events,
    sealedAt: options.clock(),
  });
  const published = await publishPartition(store, {
    path: pathOf(options, work),
    files: events.parts,
    ids: events.ids,
    manifest,
  });
  if (!isDeepStrictEqual(published.manifest.counts, events.counts)) {
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

/**
 * The id file to be committed: the one in the manifest.
 *
 * That of an earlier attempt must hold the very ids that the events have now.
 * One that was published by an earlier release has none in its manifest, which
 * cannot be changed: its ids are put elsewhere.
 */
async function idsOf(
  options: SealBucketOptions,
  duckdb: DuckdbSession,
  { manifest, manifestKey, adopted }: PublishedPartition,
  { ids, seenThrough }: SealedEvents,
): Promise<CommittedIds | undefined> {
  if (!ids) {
    return undefined;
  }
  const { store, eventType } = options;
  const folder = path.posix.dirname(manifestKey);
  if (!manifest.ids) {
    const { sha256, bytes } = await hashFile(ids.localFile);
    const key = `${mergedIdsFolder(eventType)}/adopted-${sha256}.ids`;
    await placeHashed(store, key, ids.localFile, sha256);
    return { path: key, rows: ids.rows, bytes, sha256, seenThrough };
  }
  const { name, ...file } = manifest.ids;
  const key = `${folder}/${name}`;
  if (adopted) {
    const own = await inspect(duckdb, ids.localFile);
    const found = await inspect(
      duckdb,
      await openableFile(store, key, path.dirname(ids.localFile)),
    );
    if (!isDeepStrictEqual(own, found)) {
      throw new SealerError(
        'published_partition_differs',
        `${folder} was published by an earlier attempt with other ids than its staged files now give`,
      );
    }
  }
  return { path: key, ...file, seenThrough };
}

async function inspect(duckdb: DuckdbSession, file: string) {
  const [found] = await duckdb.rows(inspectIdFileSql(), [
    listParameter([file]),
  ]);
  return found;
}
