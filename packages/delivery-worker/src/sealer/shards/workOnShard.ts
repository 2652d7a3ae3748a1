import { mkdir, rm } from 'node:fs/promises';
import { DuckdbSession, LakeStore } from '@millrace/lake';
import {
  finishShard,
  holdShard,
  leaveShard,
  TakenShard,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { writeOriginRuns } from '../accounting';
import { SealerError } from '../errors';
import { sealShard, ShardStep } from '../sealing/sealShard';
import { sourceOfShard } from '../sealing/shards';
import { toTypeSchema } from '../sealing/typeSchemas';
import { readJob, takeFolder, writeResult } from './shardFiles';

/** How long a worker may be silent before its shard is given to another. */
export const SHARD_HOLD_MS = 30_000;

export interface ShardWorkOptions {
  ledger: Knex;
  store: LakeStore;
  openDuckdb(): Promise<DuckdbSession>;
  /** For copies of id files, where the lake has no local ones. */
  idFolder: string;
  onStep(step: ShardStep): void | Promise<void>;
}

/**
 * Seals a shard that was taken, and tells the ledger when it is done.
 *
 * A crash at any point leaves the lines of the shard as they are, and a folder
 * that nobody looks at. Whoever takes the shard next has a folder of its own.
 *
 * @returns whether it counts; not when another has taken it meanwhile
 * @throws what sealing it threw, after it was left to the next
 */
export async function workOnShard(
  options: ShardWorkOptions,
  taken: TakenShard,
): Promise<boolean> {
  const { ledger } = options;
  const folder = takeFolder(taken.folder, taken.take);
  let isOurs = true;
  const timer = setInterval(() => {
    holdShard(ledger, { taken, holdMs: SHARD_HOLD_MS }).then(
      isHeld => {
        isOurs = isHeld;
      },
      // Shows when it is finished.
      () => {},
    );
  }, SHARD_HOLD_MS / 3);
  timer.unref();
  try {
    const sealed = await seal(options, taken, folder, () => isOurs);
    const resultSha256 = await writeResult(folder, sealed);
    return await finishShard(ledger, { taken, resultSha256 });
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    await leaveShard(ledger, { taken }).catch(() => {});
    throw error;
  } finally {
    clearInterval(timer);
  }
}

async function seal(
  options: ShardWorkOptions,
  taken: TakenShard,
  folder: string,
  isOurs: () => boolean,
) {
  const job = await readJob(taken.folder);
  const schema = toTypeSchema({
    eventType: job.eventType,
    version: job.schema.version,
    schema: job.schema.avro,
  });
  await mkdir(folder, { recursive: true });
  const duckdb = await options.openDuckdb();
  try {
    await writeOriginRuns(duckdb, job.origins);
    return await sealShard(
      {
        ...options,
        ...job,
        duckdb,
        schema,
        folder,
        // Whoever divided the bucket looks for what is damaged.
        readStaged: read => read(),
        onStep: async step => {
          if (!isOurs()) {
            throw new SealerError(
              'shard_lost',
              `Another worker has taken shard ${taken.shard} of partition ${taken.partitionId}`,
            );
          }
          await options.onStep(step);
        },
      },
      await sourceOfShard(taken.folder, schema.columns),
      taken.shard,
    );
  } finally {
    duckdb.close();
  }
}
