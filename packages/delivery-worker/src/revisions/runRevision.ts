import { createHash } from 'node:crypto';
import path from 'node:path';
import { partitionPath, placePartition } from '@millrace/lake';
import {
  beginAttempt,
  beginRevision,
  listIdFiles,
  PreparedRevision,
  prepareRevision,
  readRevisionPlan,
  RevisionPlan,
  SealedRevisionFacts,
} from '@millrace/ledger';
import { manifestOf } from '../sealer/sealing';
import { RevisionError } from './errors';
import { finishRevision } from './finishRevision';
import { findReplacedIds, holdsNothingNew } from './replacedIds';
import { MadeRevision, sealRevisions } from './sealRevisions';
import { OperationOptions } from './types';

/**
 * Makes the revisions of an approved operation, under the lease of sealing.
 *
 * The steps, and what a crash after each leaves:
 * 1. `beginRevision` gives the revisions their rows. Readers and the sealing of
 *    other buckets know nothing of them.
 * 2. Each revision is sealed into local files, compared with the preview, and its
 *    files are put into the lake under names that no manifest has. The next
 *    attempt puts them again, or its own, or a sweep removes them.
 * 3. `prepareRevision` keeps everything else in the ledger, manifests included,
 *    when all are there. From here on the only way is forward, and whoever takes
 *    the lease of sealing, to revise or to seal, goes it first.
 * 4. The manifests are put, then `commitRevision` makes all revisions live; see
 *    `finishRevision`.
 *
 * @returns whether its revisions are live now
 * @throws RevisionError, SealerError; after 3 only what may pass
 */
export async function runRevision(options: OperationOptions): Promise<boolean> {
  const { ledger, operationId, eventType, lease, onStep } = options;
  const { resource, fencingToken } = lease;
  const mayBegin = await beginAttempt(ledger, {
    operationId,
    task: 'run',
    resource,
    fencingToken,
    maxAttempts: options.maxAttempts,
  });
  if (!mayBegin) {
    return false;
  }
  const { stale } = await beginRevision(ledger, { operationId, fencingToken });
  if (stale) {
    throw new RevisionError('partition_changed', stale);
  }
  const plan = await readRevisionPlan(ledger, { operationId });
  if (!plan) {
    return false;
  }
  await onStep('begun', eventType);
  await assertIdsThere(options, plan);
  // Before anything is compared; what is sealed later would not be among it.
  const { seenThrough } = await listIdFiles(ledger, { eventType });
  const prepared: PreparedRevision[] = [];
  await sealRevisions({
    ...options,
    plan,
    beforeEach: async done => {
      await lease.assert();
      await options.progress('sealing', done, plan.revisions.length);
    },
    onMade: async made => {
      assertAsPreviewed(made);
      await onStep('sealed', eventType);
      await lease.assert();
      prepared.push(await place(options, plan, made));
      await onStep('placed', eventType);
    },
  });
  await prepareRevision(ledger, {
    operationId,
    fencingToken,
    seenThrough,
    revisions: prepared,
  });
  await onStep('prepared', eventType);
  await finishRevision({ ...options, fencingToken });
  return true;
}

/** What the commit will look for must be there before there is no way back. */
async function assertIdsThere(
  options: OperationOptions,
  plan: RevisionPlan,
): Promise<void> {
  const duckdb = await options.openDuckdb();
  try {
    const found = await findReplacedIds({
      ...options,
      duckdb,
      bucketStarts: plan.revisions.map(({ bucket }) => bucket.start),
    });
    for (const { bucket, deliveredBefore } of plan.revisions) {
      const rows = found
        .filter(ids => ids.bucketStart.getTime() === bucket.start.getTime())
        .reduce((sum, ids) => sum + ids.rows, 0);
      if (rows !== deliveredBefore) {
        throw new RevisionError(
          'ids_missing',
          `Bucket ${bucket.start.toISOString()} delivers ${deliveredBefore} events, but ${rows} ids of it count`,
        );
      }
    }
  } finally {
    duckdb.close();
  }
}

function assertAsPreviewed({ revision, digest, counts }: MadeRevision): void {
  if (digest !== revision.digestAfter) {
    throw new RevisionError(
      'differs_from_preview',
      `Bucket ${revision.bucket.start.toISOString()} came out otherwise than previewed, with ${
        counts.delivered
      } delivered, ${counts.duplicates} duplicates and ${
        counts.refused
      } refused; most likely a bucket with copies of its events was sealed in between. Ask for a new preview`,
    );
  }
}

async function place(
  options: OperationOptions,
  plan: RevisionPlan,
  { revision, schema, events, duckdb }: MadeRevision,
): Promise<PreparedRevision> {
  const { store, eventType } = options;
  const { bucket, toRevision } = revision;
  const folder = partitionPath(eventType, bucket, toRevision);
  const sealedAt = options.clock();
  const { manifest, manifestKey, bytes } = await placePartition(store, {
    path: folder,
    files: events.parts,
    ids: events.ids,
    manifest: manifestOf({
      eventType,
      bucket,
      revision: toRevision,
      replaces: revision.fromRevision,
      why: `${plan.kind}: ${plan.reason}`,
      schema,
      batches: revision.batches,
      events,
      decision: revision.decision,
      sealedAt,
    }),
  });
  const { ids } = manifest;
  const facts: SealedRevisionFacts = {
    counts: manifest.counts,
    files: manifest.files,
    manifest: {
      path: manifestKey,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    schemaVersion: manifest.schemaVersion,
    sealedAt: manifest.sealedAt,
    ids: ids && {
      path: path.posix.join(folder, ids.name),
      rows: ids.rows,
      bytes: ids.bytes,
      sha256: ids.sha256,
    },
    deliversNothingNew:
      events.ids === undefined ||
      (await holdsNothingNew({
        ...options,
        duckdb,
        bucketStart: bucket.start,
        localFile: events.ids.localFile,
      })),
    landings: events.landings,
  };
  return {
    bucketStart: bucket.start,
    facts,
    manifest: bytes.toString('utf8'),
    refused: events.refused,
  };
}
