import { Dirent } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { classifyStagedFiles } from '@millrace/ledger';
import { Knex } from 'knex';

/** Far beyond the time in which a written file is recorded or written anew. */
const LEFTOVER_AGE_MS = 45 * 60_000;

const FILES_PER_QUERY = 1_000;

/**
 * Gives a function that removes staged files that nobody will read: those that
 * no ledger row knows, now or when it looked 45 minutes ago (a consumer died
 * between write and record). Those whose batches are all sealed are kept for a
 * while; see `stagedRetention`.
 *
 * The age of a file is what this process has lived through since it first saw
 * it. No time of day is asked: a clock that jumps ahead must not remove what
 * another worker is just recording.
 *
 * @param options.monotonicMs time that never jumps. Default: of this process
 * @returns how many it removed
 * @internal
 */
export function createLeftoverSweep(options: {
  ledger: Knex;
  stagingDir: string;
  monotonicMs?: () => number;
}): () => Promise<number> {
  const { ledger, stagingDir, monotonicMs = () => performance.now() } = options;
  let firstSeen = new Map<string, number>();

  return async () => {
    const paths = await listStagedFiles(resolve(stagingDir));
    const unknown = new Map<string, number>();
    let removed = 0;
    for (let from = 0; from < paths.length; from += FILES_PER_QUERY) {
      const uses = await classifyStagedFiles(ledger, {
        paths: paths.slice(from, from + FILES_PER_QUERY),
      });
      for (const [path, use] of uses) {
        if (use !== 'unknown') continue;
        const since = firstSeen.get(path) ?? monotonicMs();
        if (monotonicMs() - since > LEFTOVER_AGE_MS) {
          await unlink(path).catch(ignoreMissing);
          removed += 1;
        } else {
          unknown.set(path, since);
        }
      }
    }
    firstSeen = unknown;
    return removed;
  };
}

async function listStagedFiles(stagingDir: string): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of await list(stagingDir)) {
    // Only folders of event types: names that begin with a dot are others'.
    if (folder.isDirectory() && !folder.name.startsWith('.')) {
      for (const file of await list(join(stagingDir, folder.name))) {
        if (file.isFile() && file.name.endsWith('.ndjson.zst')) {
          paths.push(join(stagingDir, folder.name, file.name));
        }
      }
    }
  }
  return paths;
}

async function list(directory: string): Promise<Dirent[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(
    ignoreMissing,
  );
  return entries ?? [];
}

/** Other workers delete the same files at the same time. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error;
  }
  return undefined;
}
