import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { listShardFolders } from '@millrace/ledger';
import { Knex } from 'knex';

/** Where shards of large buckets lie; no event type's name begins with a dot. */
export function shardsFolder(stagingDir: string): string {
  return path.join(stagingDir, '.shards');
}

/**
 * Gives a function that removes the folders of attempts that were given up: those that the ledger has
 * no shard of. One in the making is there before its shards are on offer, so a
 * folder goes only when it was found that way twice, a round apart.
 */
export function createShardSweep(options: {
  ledger: Knex;
  folder: string;
}): () => Promise<number> {
  const { ledger, folder } = options;
  let suspects = new Set<string>();
  return async () => {
    const found = await readdir(folder).catch(() => []);
    const needed = new Set(
      (await listShardFolders(ledger)).map(shard =>
        path.basename(path.dirname(shard)),
      ),
    );
    const unknown = new Set(found.filter(name => !needed.has(name)));
    let removed = 0;
    for (const name of unknown) {
      if (suspects.has(name)) {
        await rm(path.join(folder, name), { recursive: true, force: true });
        removed += 1;
      }
    }
    suspects = unknown;
    return removed;
  };
}
