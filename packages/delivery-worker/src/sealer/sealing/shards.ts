import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { DuckdbParameters, DuckdbSession, listParameter } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { DuckdbColumn } from '@millrace/schema';
import { GatheredFiles } from './gatherBatches';
import {
  LINE_OF_SHARD,
  LINE_OF_WHOLE,
  loadShardSql,
  loadStagedSql,
  splitSql,
} from './sealingSql';

/** What loads a shard of a bucket into the table `staged`. */
export interface ShardSource {
  sql: string;
  parameters: DuckdbParameters;
  /** The column that then says which line of the bucket an event was. */
  line: string;
}

/** A shard whose lines lie in a folder of their own. */
export interface DividedShard {
  shard: number;
  folder: string;
}

/** How many shards a bucket is sealed in. */
export function shardCountOf(
  batches: FrozenBatch[],
  shardBytes: number,
): number {
  const bytes = batches.reduce((sum, batch) => sum + batch.header.bytes, 0);
  return Math.max(1, Math.ceil(bytes / shardBytes));
}

/** The only shard, as nearly always: it is read from the gathered files. */
export function sourceOfWhole(
  gathered: GatheredFiles[],
  columns: DuckdbColumn[],
): ShardSource {
  return {
    sql: loadStagedSql(gathered, columns),
    parameters: gathered.map(each => listParameter(each.files)),
    line: LINE_OF_WHOLE,
  };
}

/**
 * Divides a bucket into shards that each fit into memory: all lines are read once
 * and written by the range of their key. JSON is what takes longest to read, and
 * is read as text only once.
 *
 * @returns those that have lines
 */
export async function divideIntoShards(options: {
  duckdb: DuckdbSession;
  gathered: GatheredFiles[];
  shards: number;
  /** Is there and is empty; the shards get folders in it. */
  folder: string;
}): Promise<DividedShard[]> {
  const { duckdb, gathered, shards, folder } = options;
  const files = gathered.map(each => listParameter(each.files));
  await duckdb.run(splitSql(gathered, shards), [...files, folder]);
  const divided: DividedShard[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const own = path.join(folder, `shard=${shard}`);
    // One that no key fell into has no folder.
    if ((await readdir(own).catch(() => [])).length > 0) {
      divided.push({ shard, folder: own });
    }
  }
  return divided;
}

/** What loads a shard from its folder, in which others may lie besides. */
export async function sourceOfShard(
  folder: string,
  columns: DuckdbColumn[],
): Promise<ShardSource> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(({ name }) => path.join(folder, name));
  return {
    sql: loadShardSql(columns),
    parameters: [listParameter(files.sort())],
    line: LINE_OF_SHARD,
  };
}
