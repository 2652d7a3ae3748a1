import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  DuckdbSession,
  inspectIdFileSql,
  LakeStore,
  listParameter,
} from '@millrace/lake';
import { RevisionCounts, RevisionPlan, RevisionToMake } from '@millrace/ledger';
import { Knex } from 'knex';
import {
  nothingSealed,
  SealedEvents,
  sealEvents,
  TypeSchema,
} from '../sealer/sealing';
import { RevisionError } from './errors';
import { readVersionSchema } from './readVersionSchema';

/**
 * The partition of a trial: there is none with this number, so that what a
 * sealing writes into the books beside its partition finds nothing to be written
 * beside.
 */
const NO_PARTITION = '0';

/** A revision as local files, with what there is to say of it. */
export interface MadeRevision {
  revision: RevisionToMake;
  schema: TypeSchema;
  events: SealedEvents;
  counts: RevisionCounts;
  /**
   * Of which events have which fate; equal digests mean equal revisions, up to
   * the bytes of the files.
   */
  digest: string;
  /** In which its files can be looked at. */
  duckdb: DuckdbSession;
}

export interface SealRevisionsOptions {
  ledger: Knex;
  store: LakeStore;
  plan: RevisionPlan;
  /** Opens a session of its own for each revision. */
  openDuckdb(): Promise<DuckdbSession>;
  /** Whatever is written in there is removed in the end. */
  tempDirectory: string;
  idFolder: string;
  threads: number;
  shardBytes: number;
  /** Called before each revision; throws to end the work. */
  beforeEach(done: number): Promise<void>;
  /** Its files are there until it returns. */
  onMade(made: MadeRevision): Promise<void>;
}

/**
 * Seals the batches of an operation's revisions into local files, one revision
 * after the other, in the order in which the buckets were sealed first, so that of
 * copies in several of them the same one is delivered as then.
 *
 * Each is held against what is delivered elsewhere: by the partitions that are not
 * replaced, and by the revisions made before it. Nothing outside of the temporary
 * folder is written but what the ledger knows already, which numbers of producers
 * have arrived. The same batches give the same result, on trial and in earnest,
 * as long as no other partition is sealed in between.
 *
 * @throws RevisionError, SealerError
 */
export async function sealRevisions(
  options: SealRevisionsOptions,
): Promise<void> {
  const { ledger, plan } = options;
  const folder = path.join(options.tempDirectory, `revise-${randomUUID()}`);
  const bucketStarts = plan.revisions.map(({ bucket }) => bucket.start);
  const madeBefore: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [index, revision] of plan.revisions.entries()) {
      await options.beforeEach(index);
      await assertStaged(revision);
      const schema = await readVersionSchema(ledger, {
        eventType: plan.eventType,
        version: revision.schemaVersion,
      });
      const own = path.join(folder, String(index));
      await mkdir(own);
      const duckdb = await options.openDuckdb();
      try {
        const events =
          revision.batches.length > 0
            ? await sealEvents({
                ...options,
                partitionId: revision.toPartitionId ?? NO_PARTITION,
                duckdb,
                schema,
                bucket: revision.bucket,
                batches: revision.batches,
                folder: own,
                replaced: { bucketStarts, madeBefore },
                onStep: () => {},
              })
            : nothingSealed();
        await options.onMade({
          revision,
          schema,
          events,
          counts: await countsOf(events),
          digest: await digestOf(events, schema, duckdb),
          duckdb,
        });
        if (events.ids) {
          const kept = path.join(folder, `${index}.ids`);
          await rename(events.ids.localFile, kept);
          madeBefore.push(kept);
        }
      } finally {
        duckdb.close();
        await rm(own, { recursive: true, force: true });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gone is another matter than damaged: it happens to whoever waits too long. */
async function assertStaged({ batches, bucket }: RevisionToMake) {
  for (const file of new Set(batches.map(batch => batch.path))) {
    await access(file).catch(() => {
      throw new RevisionError(
        'staged_files_gone',
        `A staged file of bucket ${bucket.start.toISOString()} is not there any more: ${path.basename(
          file,
        )}`,
      );
    });
  }
}

async function countsOf(events: SealedEvents): Promise<RevisionCounts> {
  let bytes = 0;
  for (const { localFile } of events.parts) {
    bytes += (await stat(localFile)).size;
  }
  return { ...events.counts, bytes };
}

async function digestOf(
  { counts, keySums, ids }: SealedEvents,
  schema: TypeSchema,
  duckdb: DuckdbSession,
): Promise<string> {
  const delivered = ids
    ? (
        await duckdb.rows(inspectIdFileSql(), [listParameter([ids.localFile])])
      )[0].checksum
    : null;
  return createHash('sha256')
    .update(JSON.stringify([counts, keySums, delivered, schema.version]))
    .digest('hex');
}
