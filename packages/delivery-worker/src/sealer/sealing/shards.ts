import { mkdir, readdir, rm } from 'node:fs/promises';
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
  /** Removes what only this shard needed. */
  discard(): Promise<void>;
}

/** How many shards a bucket is sealed in. */
export function shardCountOf(
  batches: FrozenBatch[],
  shardBytes: number,
): number {
  const bytes = batches.reduce((sum, batch) => sum + batch.header.bytes, 0);
  return Math.max(1, Math.ceil(bytes / shardBytes));
}

/**
 * Divides a bucket into shards that each fit into memory.
 *
 * One shard, as nearly always, is read from the gathered files. For more, all
 * lines are read once and written by the range of their key: JSON is what takes
 * longest to read, and is read as text only once.
 */
export async function divideIntoShards(options: {
  duckdb: DuckdbSession;
  gathered: GatheredFiles[];
  columns: DuckdbColumn[];
  shards: number;
  folder: string;
}): Promise<ShardSource[]> {
  const { duckdb, gathered, columns, shards } = options;
  const files = gathered.map(each => listParameter(each.files));
  if (shards === 1) {
    return [
      {
        sql: loadStagedSql(gathered, columns),
        parameters: files,
        line: LINE_OF_WHOLE,
        discard: async () => {},
      },
    ];
  }
  const folder = path.join(options.folder, 'shards');
  await mkdir(folder);
  await duckdb.run(splitSql(gathered, shards), [...files, folder]);
  const sources: ShardSource[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const own = path.join(folder, `shard=${shard}`);
    // One that no key fell into has no folder.
    const names = await readdir(own).catch(() => []);
    if (names.length > 0) {
      sources.push({
        sql: loadShardSql(columns),
        parameters: [listParameter(names.map(name => path.join(own, name)))],
        line: LINE_OF_SHARD,
        discard: () => rm(own, { recursive: true }),
      });
    }
  }
  return sources;
}
